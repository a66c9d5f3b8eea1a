/**
 * What the tests do with Zoho's clients for Node and for TypeScript.
 *
 * Both have the same classes, and the types that the second brings hold for the first.
 */

import type * as ZohoSDK from "@zohocrm/typescript-sdk-7.0";

type Zoho = typeof ZohoSDK;

/** An answer of any call. */
interface Answer {
  getObject(): unknown;
}

/** Do what the command line says, `records` or `settings`, and print what came of it. */
export async function main(zoho: Zoho): Promise<void> {
  const [, , what, folder] = process.argv;
  const user = await initialize(zoho, folder);
  const told = await (what === "records" ? records(zoho) : settings(zoho));
  console.log(JSON.stringify({ user, ...told }));
}

/** Lead the client to the local Zoho, and return the name that it has found for its user. */
async function initialize(zoho: Zoho, folder: string): Promise<string> {
  const { ZOHO_API_URL: url, ...secrets } = process.env as { [name: string]: string };
  const token = new zoho.OAuthBuilder()
    .clientId(secrets.ZOHO_CLIENT_ID)
    .clientSecret(secrets.ZOHO_CLIENT_SECRET)
    .refreshToken(secrets.ZOHO_REFRESH_TOKEN)
    .build();
  const builder = await new zoho.InitializeBuilder();
  await builder
    .environment(new zoho.Environment(url, `${url}/oauth/v2/token`, url))
    .token(token)
    .store(new zoho.FileStore(`${folder}/tokens.txt`))
    .resourcePath(folder)
    .initialize();
  return token.getUserSignature()!.getName();
}

/** Return what a call has answered with, which has to be of the class that is expected. */
async function read<Wrapper>(call: Promise<Answer>, expected: new () => Wrapper): Promise<Wrapper> {
  const answer = (await call).getObject();
  if (!(answer instanceof expected)) {
    throw new Error(`${expected.name} expected, not ${JSON.stringify(answer)}`);
  }
  return answer;
}

/** Return parameters with one that has this value. */
async function params(zoho: Zoho, param: ZohoSDK.Param<string>, value: string) {
  const given = new zoho.ParameterMap();
  await given.add(param, value);
  return given;
}

/** Insert, list, update, upsert, get, search and delete leads. */
async function records(zoho: Zoho): Promise<object> {
  const { ActionWrapper, BodyWrapper, Field, ResponseWrapper, SuccessResponse } = zoho.Record;
  const { DeleteRecordsParam, GetRecordsParam, SearchRecordsParam } = zoho.Record;
  const leads = new zoho.Record.RecordOperations("Leads");
  const { CITY, COMPANY, EMAIL, LAST_NAME } = Field.Leads;

  function lead(...values: [ZohoSDK.Record.Field<string>, string][]) {
    const record = new zoho.Record.Record();
    values.forEach(([field, value]) => record.addFieldValue(field, value));
    return record;
  }

  function body(...rows: ZohoSDK.Record.Record[]) {
    const wrapper = new BodyWrapper();
    wrapper.setData(rows);
    return wrapper;
  }

  /** Return code and details of each row of a write. */
  async function write(call: Promise<Answer>) {
    return (await read(call, ActionWrapper)).getData().map((item) => {
      const row = item as ZohoSDK.Record.SuccessResponse | ZohoSDK.Record.APIException;
      const kind = row instanceof SuccessResponse ? "success" : "error";
      return { kind, code: row.getCode().getValue(), details: row.getDetails() };
    });
  }

  const names = ["Halden", "Brink", "x".repeat(81)];
  const rows = names.map((name, n) =>
    lead([LAST_NAME, name], [COMPANY, "Oakfield"], [EMAIL, `${n}@x.example`]),
  );
  const inserted = await write(leads.createRecords(body(...rows)));
  const [first, second] = inserted.slice(0, 2).map(({ details }) => BigInt(details.get("id")));
  const listed = await read(
    leads.getRecords(await params(zoho, GetRecordsParam.FIELDS, "Last_Name,Owner")),
    ResponseWrapper,
  );
  const updated = await write(leads.updateRecord(first, body(lead([CITY, "Delft"]))));
  const upsert = body(lead([LAST_NAME, "Brink"], [EMAIL, "1@x.example"], [CITY, "Gouda"]));
  upsert.setDuplicateCheckFields(["Email"]);
  const [upserted] = (await read(leads.upsertRecords(upsert), ActionWrapper)).getData();
  const got = await read(leads.getRecord(first), ResponseWrapper);
  const criteria = await params(zoho, SearchRecordsParam.CRITERIA, "(Last_Name:equals:Brink)");
  const found = await read(leads.searchRecords(criteria), ResponseWrapper);
  const deleted = await write(
    leads.deleteRecords(await params(zoho, DeleteRecordsParam.IDS, `${second}`)),
  );

  if (!(upserted instanceof SuccessResponse)) throw new Error("the upsert has failed");
  return {
    inserted: inserted.map(({ kind, code }) => [kind, code]),
    maximum: Number(inserted[2].details.get("maximum_length")),
    listed: listed
      .getData()
      .map((row) => [row.getKeyValue("Last_Name"), row.getKeyValue("Owner").getName()]),
    more: listed.getInfo().getMoreRecords(),
    updated: updated.map(({ code }) => code),
    upserted: [upserted.getAction().getValue(), upserted.getDuplicateField()],
    city: got.getData()[0].getKeyValue("City"),
    found: found.getData().map((row) => row.getKeyValue("City")),
    deleted: deleted.map(({ code }) => code),
  };
}

/** Read twenty families of settings, and create, rename and delete a variable. */
async function settings(zoho: Zoho): Promise<object> {
  const {
    ContactRoles,
    Currencies,
    CustomViews,
    Fields,
    FiscalYear,
    GlobalPicklists,
    GroupsUser,
    GroupsVariable,
    Holidays,
    HoursShift,
    Layouts,
    ListsRelated,
    Modules,
    Profiles,
    Roles,
    RulesScoring,
    Tags,
    Territories,
    Users,
    Variables,
  } = zoho;

  const inLeads = (param: ZohoSDK.Param<string>) => params(zoho, param, "Leads");
  const byName = (one: { getName(): string }) => one.getName();
  const byAPIName = (one: { getAPIName(): string }) => one.getAPIName();

  /** Return what is to be shown of a list. */
  async function list<Wrapper>(
    family: { ResponseWrapper: new () => Wrapper },
    call: Promise<Answer>,
    show: (told: Wrapper) => string[],
  ) {
    return show(await read(call, family.ResponseWrapper));
  }

  const names = {
    users: await list(Users, new Users.UsersOperations().getUsers(), (told) =>
      told.getUsers().map((one) => one.getFullName()),
    ),
    roles: await list(Roles, new Roles.RolesOperations().getRoles(), (told) =>
      told.getRoles().map(byName),
    ),
    profiles: await list(Profiles, new Profiles.ProfilesOperations().getProfiles(), (told) =>
      told.getProfiles().map(byName),
    ),
    modules: await list(Modules, new Modules.ModulesOperations().getModules(), (told) =>
      told.getModules().map(byAPIName),
    ),
    fields: await list(
      Fields,
      new Fields.FieldsOperations().getFields(await inLeads(Fields.GetFieldsParam.MODULE)),
      (told) => told.getFields().map(byAPIName),
    ),
    layouts: await list(
      Layouts,
      new Layouts.LayoutsOperations().getLayouts(await inLeads(Layouts.GetLayoutsParam.MODULE)),
      (told) => told.getLayouts().map(byName),
    ),
    related_lists: await list(
      ListsRelated,
      new ListsRelated.RelatedListsOperations().getRelatedLists(
        await inLeads(ListsRelated.GetRelatedListsParam.MODULE),
      ),
      (told) => told.getRelatedLists().map(byAPIName),
    ),
    custom_views: await list(
      CustomViews,
      new CustomViews.CustomViewsOperations().getCustomViews(
        await inLeads(CustomViews.GetCustomViewsParam.MODULE),
      ),
      (told) => told.getCustomViews().map((one) => one.getDisplayValue()),
    ),
    tags: await list(
      Tags,
      new Tags.TagsOperations().getTags(await inLeads(Tags.GetTagsParam.MODULE)),
      (told) => told.getTags().map(byName),
    ),
    holidays: await list(Holidays, new Holidays.HolidaysOperations().getHolidays(), (told) =>
      told.getHolidays().map(byName),
    ),
    shift_hours: await list(
      HoursShift,
      new HoursShift.ShiftHoursOperations().getShiftHours(),
      (told) => told.getShiftHours().map(byName),
    ),
    fiscal_year: await list(
      FiscalYear,
      new FiscalYear.FiscalYearOperations().getFiscalYear(),
      (told) => [told.getFiscalYear().getStartMonth().getValue()],
    ),
    currencies: await list(
      Currencies,
      new Currencies.CurrenciesOperations().getCurrencies(),
      (told) => told.getCurrencies().map((one) => one.getIsoCode()),
    ),
    variables: await list(Variables, new Variables.VariablesOperations().getVariables(), (told) =>
      told.getVariables().map(byName),
    ),
    variable_groups: await list(
      GroupsVariable,
      new GroupsVariable.VariableGroupsOperations().getVariableGroups(),
      (told) => told.getVariableGroups().map(byName),
    ),
    territories: await list(
      Territories,
      new Territories.TerritoriesOperations().getTerritories(),
      (told) => told.getTerritories().map(byName),
    ),
    contact_roles: await list(
      ContactRoles,
      new ContactRoles.ContactRolesOperations().getRoles(),
      (told) => told.getContactRoles().map(byName),
    ),
    user_groups: await list(GroupsUser, new GroupsUser.UserGroupsOperations().getGroups(), (told) =>
      told.getUserGroups().map(byName),
    ),
    global_picklists: await list(
      GlobalPicklists,
      new GlobalPicklists.GlobalPicklistsOperations().getGlobalPicklists(),
      (told) => told.getGlobalPicklists().map((one) => one.getDisplayLabel()),
    ),
    scoring_rules: await list(
      RulesScoring,
      new RulesScoring.ScoringRulesOperations().getScoringRules(),
      (told) => told.getScoringRules().map(byName),
    ),
  };
  return { names, written: await variables(zoho) };
}

/** Create, rename and delete a variable, and create one that stays; return the codes. */
async function variables(zoho: Zoho): Promise<string[]> {
  const { ActionWrapper, BodyWrapper, SuccessResponse, Variable, VariableGroup } = zoho.Variables;
  const operations = new zoho.Variables.VariablesOperations();

  function body(name: string, apiName?: string) {
    const variable = new Variable();
    variable.setName(name);
    if (apiName) {
      const group = new VariableGroup();
      group.setName("General");
      variable.setVariableGroup(group);
      variable.setAPIName(apiName);
      variable.setType(new zoho.Choice("text"));
    }
    const wrapper = new BodyWrapper();
    wrapper.setVariables([variable]);
    return wrapper;
  }

  async function write(call: Promise<Answer>) {
    const [item] = (await read(call, ActionWrapper)).getVariables();
    if (!(item instanceof SuccessResponse)) throw new Error(JSON.stringify(item));
    return item;
  }

  const brief = await write(operations.createVariables(body("Brief", "brief")));
  const lasting = await write(operations.createVariables(body("Rebate", "rebate")));
  const [gone, kept] = [brief, lasting].map((item) => BigInt(item.getDetails().get("id")));
  const renamed = await write(operations.updateVariableById(kept, body("Reduction")));
  const deleted = await write(operations.deleteVariable(gone));
  return [brief, lasting, renamed, deleted].map((item) => item.getCode().getValue());
}
