export { makeApiClient, type RawClient } from './api-client.ts';
