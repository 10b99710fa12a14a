import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{hasGithubCache,openStore}from"./chunk-LOAWFX72.js";import"./chunk-DIDKGOIM.js";import"./chunk-Q5CSA6LL.js";import"./chunk-46G6FSC5.js";import"./chunk-GGLO7CIJ.js";import"./chunk-46QKGSB5.js";import"./chunk-42GMBGG7.js";import"./chunk-PGMZPJCF.js";export{hasGithubCache,openStore};
