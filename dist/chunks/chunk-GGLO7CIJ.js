import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var VERDICTS=["cancelled","not-started","stalled","leaked","crashed","failed","passed"],PHASES=["startup","run","threading-shutdown","atexit","finalization","native-exit","descendants"];export{VERDICTS,PHASES};
