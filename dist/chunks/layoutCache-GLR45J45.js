import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{restoreByKey,restoreLayout,saveLayout}from"./chunk-PMRNFG2M.js";import"./chunk-WWEGZCI3.js";import"./chunk-VKO3SWPG.js";import"./chunk-GGLO7CIJ.js";import"./chunk-46QKGSB5.js";import"./chunk-42GMBGG7.js";import"./chunk-PGMZPJCF.js";export{restoreByKey,restoreLayout,saveLayout};
