import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
function painter(color){let style=(open,close)=>text=>color&&text!==""?`\x1B[${open}m${text}\x1B[${close}m`:text;return{good:style(32,39),bad:style(31,39),warn:style(33,39),bold:style(1,22),dim:style(2,22)}}export{painter};
