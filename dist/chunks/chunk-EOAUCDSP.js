import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{cacheRoot}from"./chunk-PAFJBY37.js";import{join}from"node:path";function layoutsFolder(env){return join(cacheRoot(env),"layouts")}function builtFolder(env){return join(cacheRoot(env),"built")}export{layoutsFolder,builtFolder};
