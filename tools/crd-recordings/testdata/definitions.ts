// What is sent to the server: each case changes one plain definition.

/** A JSON document that a case changes. */
type Loose = any;

function base(): Loose {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  };
}

function S(definition: Loose, schema: Loose): void {
  definition.spec.versions[0].schema = { openAPIV3Schema: schema };
}

const cases: Readonly<Record<string, (definition: Loose) => void>> = {
 badname:(c) =>{c.metadata.name='x.y'},
 noStorage:(c) =>{c.spec.versions[0].storage=false},
 dup:(c) =>{c.spec.versions.push({...c.spec.versions[0],storage:false})},
 noschema:(c) =>{delete c.spec.versions[0].schema},
 scope:(c) =>{c.spec.scope='Nope'}, noscope:(c) =>{delete c.spec.scope},
 group:(c) =>{c.spec.group='foo';c.metadata.name='things.foo'},
 kind:(c) =>{c.spec.names.kind='Bad_Kind'}, listkind:(c) =>{c.spec.names.listKind='Thing'},
 short:(c) =>{c.spec.names.shortNames=['A_b']},
 noplural:(c) =>{delete c.spec.names.plural},
 rootstring:(c) =>S(c,{type:'string'}),
 untyped:(c) =>S(c,{type:'object',properties:{spec:{properties:{a:{type:'string'},b:{}}}}}),
 array:(c) =>S(c,{type:'object',properties:{spec:{type:'array'}}}),
 addl:(c) =>S(c,{type:'object',additionalProperties:true}),
 both:(c) =>S(c,{type:'object',properties:{spec:{type:'object',properties:{a:{type:'string'}},additionalProperties:{type:'string'}}}}),
 pattern:(c) =>S(c,{type:'object',properties:{a:{type:'string',pattern:'[a'},b:{type:'string',pattern:'(?=x)'},c:{type:'string',pattern:'\\p{Foo}'},d:{type:'string',pattern:'*a'}}}),
 unique:(c) =>S(c,{type:'object',properties:{a:{type:'array',uniqueItems:true,items:{type:'string'}}}}),
 type:(c) =>S(c,{type:'object',properties:{a:{type:'foo'}}}),
 def:(c) =>S(c,{type:'object',properties:{a:{type:'integer',default:'x'},b:{type:'object',default:{x:1}},c:{type:'string',enum:['a'],default:'b'}}}),
 listmap:(c) =>S(c,{type:'object',properties:{a:{type:'array',['x-kubernetes-list-type']:'map',items:{type:'object',properties:{k:{type:'string'}}}},b:{type:'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['k','k','z'],items:{type:'object',nullable:true,properties:{k:{type:'string',nullable:true}}}}}}),
 nested:(c) =>S(c,{type:'object',properties:{a:{type:'object',allOf:[{properties:{z:{type:'string',description:'x',default:1}},required:['z']}]}}}),
 statusroot:(c) =>{S(c,{type:'object',anyOf:[{required:['a']}],properties:{a:{type:'string'}}});c.spec.versions[0].subresources={status:{}}},
 scale:(c) =>{c.spec.versions[0].subresources={scale:{specReplicasPath:'.foo',statusReplicasPath:'x',labelSelectorPath:'.foo.b'}}},
 cols:(c) =>{c.spec.versions[0].additionalPrinterColumns=[{name:'',type:'foo',jsonPath:'a',format:'x'}]},
 ref:(c) =>S(c,{type:'object',properties:{a:{$ref:'#/x'}}}),
 meta:(c) =>S(c,{type:'object',properties:{metadata:{type:'object',properties:{labels:{type:'object'}}}}}),
 k8sio:(c) =>{c.spec.group='foo.k8s.io';c.metadata.name='things.foo.k8s.io'},
 sel:(c) =>{c.spec.versions[0].selectableFields=[{jsonPath:'.spec.x'},{jsonPath:'.metadata.name'},{jsonPath:'spec'}]},
 conv:(c) =>{c.spec.conversion={strategy:'Webhook'}},
 conv2:(c) =>{c.spec.conversion={strategy:'Webhook',webhook:{conversionReviewVersions:['v9','v9'],clientConfig:{service:{name:'a',namespace:'',path:'x//y',port:0}}}}},
 conv3:(c) =>{c.spec.conversion={strategy:'None',webhook:{conversionReviewVersions:['v1'],clientConfig:{url:'http://u:p@/x?y#z'}}}},
 preserve:(c) =>{c.spec.preserveUnknownFields=true},
 dep:(c) =>{c.spec.versions[0].deprecationWarning='x'},
 vname:(c) =>{c.spec.versions[0].name='1_x'},

 // structural
 items2:(c) =>S(c,{type:'object',properties:{a:{type:'array',items:{}}}}),
 itemsArr:(c) =>S(c,{type:'object',properties:{a:{type:'array',items:[{type:'string'}]}}}),
 addlUntyped:(c) =>S(c,{type:'object',properties:{a:{type:'object',additionalProperties:{}}}}),
 addlTrue:(c) =>S(c,{type:'object',properties:{a:{type:'object',additionalProperties:true,properties:{x:{type:'string'}}}}}),
 addlFalse:(c) =>S(c,{type:'object',properties:{a:{type:'object',additionalProperties:false,properties:{x:{type:'string'}}}}}),
 addlFalse2:(c) =>S(c,{type:'object',properties:{a:{type:'object',additionalProperties:false}}}),
 embNoType:(c) =>S(c,{type:'object',properties:{a:{'x-kubernetes-embedded-resource':true}}}),
 embString:(c) =>S(c,{type:'object',properties:{a:{type:'string','x-kubernetes-embedded-resource':true}}}),
 embEmpty:(c) =>S(c,{type:'object',properties:{a:{type:'object','x-kubernetes-embedded-resource':true}}}),
 embAddl:(c) =>S(c,{type:'object',properties:{a:{type:'object','x-kubernetes-embedded-resource':true,additionalProperties:{type:'string'},'x-kubernetes-preserve-unknown-fields':true}}}),
 embOk:(c) =>S(c,{type:'object',properties:{a:{type:'object','x-kubernetes-embedded-resource':true,'x-kubernetes-preserve-unknown-fields':true}}}),
 embMeta:(c) =>S(c,{type:'object',properties:{a:{type:'object','x-kubernetes-embedded-resource':true,properties:{kind:{type:'integer'},apiVersion:{type:'object'},metadata:{type:'string'},spec:{type:'object'}}}}}),
 embInMeta:(c) =>S(c,{type:'object',properties:{a:{type:'object','x-kubernetes-embedded-resource':true,properties:{metadata:{type:'object',properties:{x:{type:'object','x-kubernetes-embedded-resource':true,'x-kubernetes-preserve-unknown-fields':true}}}}}}}),
 rootKind:(c) =>S(c,{type:'object',properties:{kind:{type:'integer'},apiVersion:{},metadata:{type:'string'}}}),
 metaNames:(c) =>S(c,{type:'object',properties:{metadata:{type:'object',properties:{name:{type:'string',pattern:'^a'},generateName:{type:'string'}}}}}),
 metaName:(c) =>S(c,{type:'object',properties:{metadata:{type:'object',properties:{name:{type:'string',maxLength:5}}}}}),
 metaDesc:(c) =>S(c,{type:'object',properties:{metadata:{type:'object',description:'x'}}}),
 metaReq:(c) =>S(c,{type:'object',properties:{metadata:{type:'object',required:['name']}}}),
 metaAnyOf:(c) =>S(c,{type:'object',properties:{metadata:{type:'object',anyOf:[{properties:{name:{pattern:'a'}}}],properties:{name:{type:'string'}}}}}),
 ios1:(c) =>S(c,{type:'object',properties:{a:{'x-kubernetes-int-or-string':true}}}),
 ios2:(c) =>S(c,{type:'object',properties:{a:{'x-kubernetes-int-or-string':true,anyOf:[{type:'integer'},{type:'string'}]}}}),
 ios3:(c) =>S(c,{type:'object',properties:{a:{'x-kubernetes-int-or-string':true,allOf:[{anyOf:[{type:'integer'},{type:'string'}]},{pattern:'x'}]}}}),
 ios4:(c) =>S(c,{type:'object',properties:{a:{'x-kubernetes-int-or-string':true,anyOf:[{type:'string'},{type:'integer'}]}}}),
 ios5:(c) =>S(c,{type:'object',properties:{a:{'x-kubernetes-int-or-string':true,'x-kubernetes-preserve-unknown-fields':true,'x-kubernetes-embedded-resource':true}}}),
 ios6:(c) =>S(c,{type:'object',properties:{a:{type:'string',anyOf:[{type:'integer'},{type:'string'}]}}}),
 nestedAll:(c) =>S(c,{type:'object',properties:{a:{type:'object',properties:{b:{type:'array',items:{type:'string'}}},not:{title:'t',nullable:true,properties:{b:{items:{pattern:'[','x-kubernetes-list-type':'set','x-kubernetes-map-type':'atomic','x-kubernetes-list-map-keys':['a']}}}},oneOf:[{'x-kubernetes-preserve-unknown-fields':true,'x-kubernetes-embedded-resource':true,'x-kubernetes-int-or-string':true,'x-kubernetes-validations':[{rule:'true'}]}]}}}),
 nestedAddl:(c) =>S(c,{type:'object',properties:{a:{type:'object',anyOf:[{additionalProperties:{type:'string'}},{additionalProperties:true},{additionalProperties:false}]}}}),
 nestedMeta:(c) =>S(c,{type:'object',properties:{a:{type:'object',anyOf:[{properties:{metadata:{required:['x']}}}]}}}),
 incomplete:(c) =>S(c,{type:'object',properties:{a:{type:'object',properties:{b:{type:'string'}},allOf:[{properties:{c:{pattern:'a'},b:{anyOf:[{properties:{q:{minimum:1}}}]}}}],oneOf:[{items:{pattern:'x'}}]}}}),
 incomplete2:(c) =>S(c,{type:'object',properties:{a:{type:'object',additionalProperties:{type:'string'},allOf:[{properties:{c:{pattern:'a'}}}]}}}),
 // openapi
 idrest:(c) =>S(c,{type:'object',properties:{a:{type:'object',id:'x',patternProperties:{a:{type:'string'}},definitions:{d:{type:'foo'}},dependencies:{x:['y'],z:{type:'foo'}},additionalItems:true}}}),
 dollarSchema:(c) =>S(c,{type:'object',$schema:'http://json-schema.org/draft-04/schema#'}),
 nullType:(c) =>S(c,{type:'object',properties:{a:{type:'null'}}}),
 nullableRoot:(c) =>S(c,{type:'object',nullable:true}),
 preserveFalse:(c) =>S(c,{type:'object','x-kubernetes-preserve-unknown-fields':false}),
 preserveRoot:(c) =>S(c,{type:'object','x-kubernetes-preserve-unknown-fields':true}),
 mapType:(c) =>S(c,{type:'object',properties:{a:{type:'string','x-kubernetes-map-type':'atomic'},b:{'x-kubernetes-map-type':'foo','x-kubernetes-preserve-unknown-fields':true},c:{type:'object','x-kubernetes-map-type':'foo'}}}),
 listType:(c) =>S(c,{type:'object',properties:{a:{type:'string','x-kubernetes-list-type':'set'},b:{'x-kubernetes-list-type':'map','x-kubernetes-preserve-unknown-fields':true},c:{type:'array',items:{type:'string'},'x-kubernetes-list-type':'foo'}}}),
 setItems:(c) =>S(c,{type:'object',properties:{a:{type:'array','x-kubernetes-list-type':'set',items:{type:'object'}},b:{type:'array','x-kubernetes-list-type':'set',items:{type:'array','x-kubernetes-list-type':'set',items:{type:'string'}}},c:{type:'array','x-kubernetes-list-type':'set',items:{type:'object','x-kubernetes-map-type':'atomic'}},d:{type:'array','x-kubernetes-list-type':'set',items:{type:'string',nullable:true}}}}),
 mapItems:(c) =>S(c,{type:'object',properties:{a:{type:'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['k'],items:{type:'string'}},b:{type:'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['k'],items:{type:'object',required:['k'],properties:{k:{type:'object'}}}},c:{type:'array','x-kubernetes-list-map-keys':['k'],items:{type:'object',required:['k'],properties:{k:{type:'string'}}}},d:{type:'array','x-kubernetes-list-type':'set','x-kubernetes-list-map-keys':['k'],items:{type:'string'}},e:{type:'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['k'],items:{type:'object',properties:{k:{type:'string',default:'x'}}}}}}),
 rules:(c) =>S(c,{type:'object',properties:{a:{type:'object',properties:{q:{type:'string'}},'x-kubernetes-validations':[{rule:''},{rule:'true',message:'  '},{rule:'true',message:'a\nb'},{rule:'tr\nue'},{rule:'true',messageExpression:' '},{rule:'true',reason:'Foo'},{rule:'true',fieldPath:' '},{rule:'true',fieldPath:'.a\nb'},{rule:'true',fieldPath:'.zz'},{rule:'true',fieldPath:'.q'},{rule:'true',fieldPath:"['q']"},{rule:'true',fieldPath:"['q"},{rule:'true',fieldPath:"[q]"},{rule:'true',fieldPath:"['\\\\z']"},{rule:'true',fieldPath:"."}]}}}),
 // defaults
 def2:(c) =>S(c,{type:'object',properties:{a:{type:'string',format:'date',default:'x'},b:{type:'string',pattern:'^a$',default:'b'},c:{type:'array',items:{type:'string'},default:['a',1]},d:{type:'object',required:['x'],properties:{x:{type:'string'}},default:{}},e:{type:'integer',minimum:5,default:1},f:{'x-kubernetes-int-or-string':true,default:1.5},g:{type:'string',nullable:true,default:null},h:{type:'string',minLength:3,default:'a'}}}),
 def3:(c) =>S(c,{type:'object',properties:{a:{type:'object',properties:{b:{type:'string',default:5}},default:{b:'ok'}},l:{type:'array',items:{type:'object',properties:{z:{type:'boolean',default:'no'}}}}}}),
 defMeta:(c) =>S(c,{type:'object',properties:{metadata:{type:'object',properties:{name:{type:'string',default:'foo'}}},kind:{type:'string',default:'X'}}}),
 defEmb:(c) =>S(c,{type:'object',properties:{a:{type:'object','x-kubernetes-embedded-resource':true,properties:{kind:{type:'string',default:'Bad Kind'},apiVersion:{type:'string',default:'a/b/c'},metadata:{type:'object',default:{name:5},properties:{name:{type:'string',default:'..'},labels:{type:'object',additionalProperties:{type:'string',default:'x'},default:{'a b':'c'}}}},spec:{type:'object',default:{}}}}}}),
 defEmb2:(c) =>S(c,{type:'object',properties:{a:{type:'object','x-kubernetes-embedded-resource':true,'x-kubernetes-preserve-unknown-fields':true,default:{apiVersion:'v1',kind:'',metadata:{foo:1}}},b:{type:'object','x-kubernetes-embedded-resource':true,'x-kubernetes-preserve-unknown-fields':true,default:{metadata:{labels:{a:1}}}}}}),
 defAddl:(c) =>S(c,{type:'object',properties:{a:{type:'object',additionalProperties:{type:'string',default:5}}}}),
 defItems:(c) =>S(c,{type:'object',properties:{a:{type:'array',items:{type:'string',default:5}}}}),
 // names
 cats:(c) =>{c.spec.names.categories=['All!','ok'];c.spec.names.shortNames=['ok','']},
 singular:(c) =>{c.spec.names.singular='Thing X'},
 longgroup:(c) =>{c.spec.group='Example.com';c.metadata.name='things.Example.com'},
 nogroup:(c) =>{delete c.spec.group},
 noname:(c) =>{delete c.metadata.name},
 nokind:(c) =>{delete c.spec.names.kind},
 noversions:(c) =>{c.spec.versions=[]},
 twoStorage:(c) =>{c.spec.versions.push({name:'v2',served:true,storage:true,schema:{openAPIV3Schema:{type:'object'}}})},
 twoDiff:(c) =>{c.spec.versions.push({name:'v2',served:true,storage:false,schema:{openAPIV3Schema:{type:'object',properties:{a:{}}}},subresources:{scale:{specReplicasPath:'x',statusReplicasPath:'.status.x'}},additionalPrinterColumns:[{name:'a',type:'x',jsonPath:'.a'}],selectableFields:[{jsonPath:'.b'}],deprecated:true,deprecationWarning:''})},
 twoNoSchema:(c) =>{c.spec.versions.push({name:'v2',served:true,storage:false})},
 twoStatus:(c) =>{c.spec.versions[0].subresources={status:{}};c.spec.versions.push({name:'v2',served:true,storage:false,schema:{openAPIV3Schema:{type:'object',anyOf:[{required:['a']}],properties:{a:{type:'string'}}}}})},
 dupFull:(c) =>{c.spec.versions[0].additionalPrinterColumns=[{name:'a',type:'string',jsonPath:'.a',priority:1,description:'d'}];c.spec.versions.push({name:'v1',served:false,storage:true,deprecated:true,deprecationWarning:'w',schema:{openAPIV3Schema:{type:'object',description:'<b>&',properties:{a:{type:'string',enum:['a',1],default:'x',maximum:5,minLength:1}}}},subresources:{status:{},scale:{specReplicasPath:'.spec.a',statusReplicasPath:'.status.a'}},selectableFields:[{jsonPath:'.a'}]})},
 dep2:(c) =>{c.spec.versions[0].deprecated=true;c.spec.versions[0].deprecationWarning='a\nb'.repeat(100)},
 dep3:(c) =>{c.spec.versions[0].deprecated=true;c.spec.versions[0].deprecationWarning='é\u0007'},
 statusType:(c) =>{S(c,{type:'string'});c.spec.versions[0].subresources={status:{}}},
 statusNone:(c) =>{S(c,{});c.spec.versions[0].subresources={status:{}}},
 scale2:(c) =>{c.spec.versions[0].subresources={scale:{}}},
 scale3:(c) =>{c.spec.versions[0].subresources={scale:{specReplicasPath:'.spec.',statusReplicasPath:'.statusx',labelSelectorPath:''}}},
 cols2:(c) =>{c.spec.versions[0].additionalPrinterColumns=[{},{name:'x',type:'string',jsonPath:'.'}]},
 sel2:(c) =>{S(c,{type:'object',properties:{spec:{type:'object',properties:{a:{type:'string'},o:{type:'object'},m:{type:'object',additionalProperties:{type:'string'}},n:{type:'number'}}}}});c.spec.versions[0].selectableFields=[{jsonPath:'.spec.a'},{jsonPath:'.spec.a'},{jsonPath:'.spec.o'},{jsonPath:'.spec.m.x'},{jsonPath:'.spec.n'},{jsonPath:".spec['a']"},{jsonPath:''},{jsonPath:'.'},{jsonPath:'.spec'}]},
 sel9:(c) =>{const p: Loose={};for(let i=0;i<9;i++)p['f'+i]={type:'string'};S(c,{type:'object',properties:{spec:{type:'object',properties:p}}});c.spec.versions[0].selectableFields=Object.keys(p).map(x=>({jsonPath:'.spec.'+x}))},
 convUrl:(c) =>{c.spec.conversion={strategy:'Webhook',webhook:{conversionReviewVersions:['v1'],clientConfig:{url:'http://u:p@/x?y#z'}}}},
 convUrl2:(c) =>{c.spec.conversion={strategy:'Webhook',webhook:{conversionReviewVersions:['v1'],clientConfig:{url:'https://host:80/x',caBundle:'Zm9v'}}}},
 convUrl3:(c) =>{c.spec.conversion={strategy:'Webhook',webhook:{conversionReviewVersions:['v1','A'],clientConfig:{url:'https://host',service:{name:'a',namespace:'b'}}}}},
 convUrl4:(c) =>{c.spec.conversion={strategy:'Webhook',webhook:{conversionReviewVersions:['v1'],clientConfig:{}}}},
 convSvc:(c) =>{c.spec.conversion={strategy:'Webhook',webhook:{conversionReviewVersions:['v1beta1'],clientConfig:{service:{name:'a',namespace:'b',path:'/a/B_/',port:70000}}}}},
 convStrat:(c) =>{c.spec.conversion={strategy:'Foo'}},
 convEmpty:(c) =>{c.spec.conversion={}},
 approve1:(c) =>{c.spec.group='foo.k8s.io';c.metadata.name='things.foo.k8s.io';c.metadata.annotations={'api-approved.kubernetes.io':'bad'}},
 approve2:(c) =>{c.spec.group='foo.k8s.io';c.metadata.name='things.foo.k8s.io';c.metadata.annotations={'api-approved.kubernetes.io':'https://x/y'}},
 approve3:(c) =>{c.spec.group='kubernetes.io';c.metadata.name='things.kubernetes.io';c.metadata.annotations={'api-approved.kubernetes.io':'unapproved, x'}},
 preserveDef:(c) =>{c.spec.preserveUnknownFields=true;S(c,{type:'object',properties:{a:{type:'string',default:'x'}}})},
 labels:(c) =>{c.metadata.labels={'a b':'c d'};c.metadata.annotations={'a/b/c':'x'};c.metadata.finalizers=['x y'];c.metadata.namespace='x'},
 patterns:(c) =>S(c,{type:'object',properties:Object.fromEntries(['a{1001}','\\C','(a','a)','a**','\\1','x{2,1}','[z-a]','(?P<n>a)(?P<n>b)','(?i)a','\\Qab','a\\','(?<n>x)','[[:foo:]]','\\pN','(?z)','a{2','+','((((','\\8','[a-\\d]','x{1000}{1000}','(?P=n)','\\u1234','\\x{110000}','\\xZ','[]a','[^]a]'].map((p,i)=>['p'+String(i).padStart(2,'0'),{type:'string',pattern:p}]))}),

};

/** Definitions, most of them wrong in one way, by name. */
export function definitions(): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(cases).map(([name, change]) => {
      const definition = base();
      change(definition);
      return [name, definition];
    }),
  );
}

const changes: Readonly<Record<string, (definition: Loose) => void>> = {
 nothing:(c) =>{},
 scope:(c) =>{c.spec.scope='Cluster'},
 kind:(c) =>{c.spec.names.kind='Other'},
 listKind:(c) =>{c.spec.names.listKind='Others'},
 plural:(c) =>{c.spec.names.plural='others'},
 singular:(c) =>{c.spec.names.singular='other'},
 group:(c) =>{c.spec.group='other.com'},
 renamed:(c) =>{c.spec.versions[0].name='v2'},
 added:(c) =>{c.spec.versions.push({...c.spec.versions[0],name:'v2',storage:false})},
 moved:(c) =>{c.spec.versions[0].storage=false;c.spec.versions.push({...c.spec.versions[0],name:'v2',storage:true})},
 untyped:(c) =>S(c,{type:'object',properties:{a:{}}}),
 noschema:(c) =>{delete c.spec.versions[0].schema},
 preserve:(c) =>{c.spec.preserveUnknownFields=true},
 preserveDefault:(c) =>{c.spec.preserveUnknownFields=true;S(c,{type:'object',properties:{a:{type:'string',default:'x'}}})},
 preserveWebhook:(c) =>{c.spec.preserveUnknownFields=true;c.spec.conversion={strategy:'Webhook',webhook:{conversionReviewVersions:['v1'],clientConfig:{url:'https://a/b'}}}},
 review:(c) =>{c.spec.conversion={strategy:'Webhook',webhook:{conversionReviewVersions:['v9'],clientConfig:{url:'https://a/b'}}}},
 bundle:(c) =>{c.spec.conversion={strategy:'Webhook',webhook:{conversionReviewVersions:['v1'],clientConfig:{url:'https://a/b',caBundle:'Zm9v'}}}},
 names:(c) =>{c.spec.names.shortNames=['A'];c.spec.names.categories=['b b']},
};

/** Changes to the plain definition after it was established, by name. */
export function definitionChanges(): Readonly<Record<string, (definition: Loose) => void>> {
  return changes;
}

/** The definition that nothing was changed in. */
export function plainDefinition(): Loose {
  return base();
}
