import { FakeItemServer } from '@bowline/listwatch/testing';

FakeItemServer.encodes = false;
