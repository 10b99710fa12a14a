import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{restoreByKey,restoreLayout,saveLayout}from"./chunk-XNXR22YN.js";import"./chunk-D7YOJ65U.js";import"./chunk-VKO3SWPG.js";import"./chunk-4MA2GVOS.js";import"./chunk-IHAOGXRI.js";import"./chunk-42GMBGG7.js";import"./chunk-PGMZPJCF.js";export{restoreByKey,restoreLayout,saveLayout};
