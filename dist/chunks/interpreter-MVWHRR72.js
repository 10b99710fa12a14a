import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{findInterpreter,fitsRequirement,matches,parsePythonVersion}from"./chunk-UZ567GV4.js";import"./chunk-NH5VGU75.js";import"./chunk-42GMBGG7.js";import"./chunk-PGMZPJCF.js";export{findInterpreter,fitsRequirement,matches,parsePythonVersion};
