import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{hasGithubCache,openStore}from"./chunk-2IDBAGCB.js";import"./chunk-MOOPV5XM.js";import"./chunk-VKO3SWPG.js";import"./chunk-EOAUCDSP.js";import"./chunk-PAFJBY37.js";import"./chunk-42GMBGG7.js";import"./chunk-PGMZPJCF.js";export{hasGithubCache,openStore};
