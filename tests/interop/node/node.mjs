/** Zoho's client for Node; a few of its families have other names than in the one for TypeScript. */

import * as zoho from "@zohocrm/nodejs-sdk-7.0";

import calls from "./calls.js";

await calls.main({
  ...zoho,
  GroupsUser: zoho.UserGroups,
  GroupsVariable: zoho.VariableGroups,
  HoursShift: zoho.ShiftHours,
  ListsRelated: zoho.RelatedLists,
  RulesScoring: zoho.ScoringRules,
});
