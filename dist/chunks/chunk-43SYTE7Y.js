import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{VERDICTS}from"./chunk-AZAGTYFF.js";function byVerdict(a,b){return VERDICTS.indexOf(a.verdict)-VERDICTS.indexOf(b.verdict)}function worstRun(runs){return runs.toSorted(byVerdict)[0]??null}export{byVerdict,worstRun};
