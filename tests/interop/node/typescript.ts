/** Zoho's client for TypeScript. */

import * as zoho from "@zohocrm/typescript-sdk-7.0";

import { main } from "./calls";

void main(zoho);
