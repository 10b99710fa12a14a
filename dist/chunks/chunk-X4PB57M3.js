import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
function accept(value){return{ok:!0,value}}var REFUSED={ok:!1};function scalar(type){return{label:type.label,takes:type.takes,repeatable:!1,split:text=>[text],fromTexts:texts=>type.parse(texts.join(`
`)),fromToml:value=>typeof value=="string"?type.parse(value):REFUSED,...type.rebase===void 0?{}:{rebase:type.rebase},show:type.show,schema:type.schema??{type:"string"}}}export{accept,REFUSED,scalar};
