import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{findInterpreter,fitsRequirement,matches,parsePythonVersion}from"./chunk-HWUUUK5Q.js";import"./chunk-L5RPBS52.js";import"./chunk-42GMBGG7.js";import"./chunk-PGMZPJCF.js";export{findInterpreter,fitsRequirement,matches,parsePythonVersion};
