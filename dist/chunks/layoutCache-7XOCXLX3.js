import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{restoreByKey,restoreLayout,saveLayout}from"./chunk-PTDPDPC7.js";import"./chunk-A3ORGBMX.js";import"./chunk-VKO3SWPG.js";import"./chunk-4MA2GVOS.js";import"./chunk-L5HEBJRP.js";import"./chunk-42GMBGG7.js";import"./chunk-PGMZPJCF.js";export{restoreByKey,restoreLayout,saveLayout};
