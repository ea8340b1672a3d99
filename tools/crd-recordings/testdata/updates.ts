// Objects that were stored when the schema allowed anything, and updates of them after it became strict.

/** A JSON document. */
type Loose = any;

const str = (o: Loose = {}): Loose => ({ type: 'string', ...o });
const int = (o: Loose = {}): Loose => ({ type: 'integer', ...o });
const obj = (properties: Loose, o: Loose = {}): Loose => ({ type: 'object', properties, ...o });
const arr = (items: Loose, o: Loose = {}): Loose => ({ type: 'array', items, ...o });

/** Lets everything through. */
export const loose: Loose = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

export const strict: Loose = obj({spec:obj({a:str({maxLength:2}),b:int({maximum:5}),o:obj({x:str({enum:['q']}),y:int()},{required:['y']}),l:arr(obj({n:str(),v:str({pattern:'^z'})},{required:['n']}),{'x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['n']}),at:arr(str({maxLength:1})),set:arr(str({maxLength:1}),{'x-kubernetes-list-type':'set'}),m:{type:'object',additionalProperties:str({maxLength:1})},any:obj({p:str({maxLength:1}),q:str()},{anyOf:[{properties:{p:{maxLength:1}}},{required:['q']}]}),l2:arr(obj({p:int(),q:str(),v:int({maximum:1})},{required:['p','q']}),{'x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['p','q']})},{required:['a']}),status:obj({c:int({maximum:3}),ls:arr(str(),{'x-kubernetes-list-type':'set'})})},{required:['spec']});

/** Old and new spec and status, sent to the object. */
export const updates: readonly (readonly [Loose, Loose])[] = [
 [{spec:{a:'long'}},{spec:{a:'long'}}],[{spec:{a:'long'}},{spec:{a:'longer'}}],[{spec:{a:'long',b:9}},{spec:{a:'long',b:10}}],[{spec:{a:'long',b:9}},{spec:{a:'ok',b:9}}],
 [{spec:{a:'x',o:{x:'bad'}}},{spec:{a:'x',o:{x:'bad'}}}],[{spec:{a:'x',o:{x:'bad'}}},{spec:{a:'x',o:{x:'bad',y:1}}}],[{spec:{a:'x',o:{x:'bad',y:1}}},{spec:{a:'x',o:{x:'bad'}}}],[{spec:{a:'x',o:{x:'bad'}}},{spec:{a:'xy',o:{x:'worse'}}}],
 [{spec:{a:'x',l:[{n:'1',v:'bad'},{n:'2',v:'bad'}]}},{spec:{a:'x',l:[{n:'2',v:'bad'},{n:'1',v:'bad'}]}}],[{spec:{a:'x',l:[{n:'1',v:'bad'}]}},{spec:{a:'x',l:[{n:'1',v:'bad'},{n:'3',v:'bad'}]}}],[{spec:{a:'x',l:[{n:'1',v:'bad'}]}},{spec:{a:'x',l:[{n:'1',v:'bad2'}]}}],[{spec:{a:'x',l:[{n:'1',v:'bad'},{n:'1',v:'bad'}]}},{spec:{a:'xy',l:[{n:'1',v:'bad'},{n:'1',v:'bad'}]}}],[{spec:{a:'x',l:[{v:'bad'}]}},{spec:{a:'xy',l:[{v:'bad'}]}}],
 [{spec:{a:'x',at:['long','b']}},{spec:{a:'xy',at:['long','b']}}],[{spec:{a:'x',at:['long','b']}},{spec:{a:'x',at:['long','c']}}],[{spec:{a:'x',set:['long']}},{spec:{a:'x',set:['long','b']}}],[{spec:{a:'x',set:['a','a']}},{spec:{a:'x',set:['a','a','b','b']}}],[{spec:{a:'x',set:['a']}},{spec:{a:'x',set:['a','a']}}],
 [{spec:{a:'x',m:{k:'long'}}},{spec:{a:'x',m:{k:'long',j:'b'}}}],[{spec:{a:'x',m:{k:'long'}}},{spec:{a:'x',m:{k:'long',j:'bbb'}}}],
 [{spec:{a:'x',any:{p:'long'}}},{spec:{a:'x',any:{p:'long'}}}],[{spec:{a:'x',any:{p:'long'}}},{spec:{a:'x',any:{p:'long',q:'y'}}}],[{spec:{a:'x',any:{p:'long'}}},{spec:{a:'x',any:{p:'long2'}}}],
 [{spec:{}},{spec:{}}],[{spec:{}},{spec:{b:1}}],[{},{}],[{spec:{b:9}},{spec:{b:9,o:{y:1}}}],[{spec:{a:5}},{spec:{a:5}}],[{spec:{a:5}},{spec:{a:6}}],
 [{spec:{a:'x',l2:[{p:1,q:'a',v:9}]}},{spec:{a:'x',l2:[{p:2,q:'a',v:1},{p:1,q:'a',v:9}]}}],[{spec:{a:'x',l2:[{p:1,q:'a',v:9}]}},{spec:{a:'x',l2:[{p:1,q:'b',v:9}]}}],
 [{spec:{a:'x'},status:{c:9}},{spec:{a:'xy'},status:{c:9}}],[{spec:{a:'x'},status:{c:9}},{spec:{a:'x'},status:{c:8}}],
];

/** Old spec and status and new status, sent to the status subresource. */
export const statusUpdates: readonly (readonly [Loose, Loose])[] = [[{spec:{a:'long'},status:{c:9}},{status:{c:9}}],[{spec:{a:'long'},status:{c:9}},{status:{c:8}}],[{spec:{a:'long'}},{status:{c:9}}],[{spec:{a:'x'}},{status:{c:1}}],[{spec:{a:'x'},status:{ls:['a','a']}},{status:{ls:['a','a','b']}}],[{spec:{a:'x'},status:{ls:['a']}},{status:{ls:['a','a']}}],[{spec:{a:'x'},status:{c:'x'}},{status:{c:'x'}}]];
