import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{hasGithubCache,openStore}from"./chunk-6WGJFCX5.js";import"./chunk-QUVX34PZ.js";import"./chunk-46G6FSC5.js";import"./chunk-VKO3SWPG.js";import"./chunk-42GMBGG7.js";import"./chunk-PGMZPJCF.js";export{hasGithubCache,openStore};
