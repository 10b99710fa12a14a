import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{findInterpreter,fitsRequirement,matches,parsePythonVersion}from"./chunk-FBTM4XQY.js";import"./chunk-4RJUKBWU.js";import"./chunk-42GMBGG7.js";import"./chunk-PGMZPJCF.js";export{findInterpreter,fitsRequirement,matches,parsePythonVersion};
