import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{restoreByKey,restoreLayout,saveLayout}from"./chunk-EN3KW7HP.js";import"./chunk-EU45DB56.js";import"./chunk-Q5CSA6LL.js";import"./chunk-GGLO7CIJ.js";import"./chunk-46QKGSB5.js";import"./chunk-42GMBGG7.js";import"./chunk-PGMZPJCF.js";export{restoreByKey,restoreLayout,saveLayout};
