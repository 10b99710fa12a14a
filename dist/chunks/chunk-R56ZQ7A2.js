import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{isAbsolute,relative}from"node:path";function shownPath(path,cwd){let below=relative(cwd,path);return below===""||below.startsWith("..")||isAbsolute(below)?path:below}export{shownPath};
