// SCIMMY on express: users in memory, or in PostgreSQL if DATABASE_URL is set.
// PORT, TOKEN, and PEOPLE (a file of tab-separated user names, given and family names) with SIZE say what to serve.
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";
import { memoryStore } from "./memory.js";
import { postgresqlStore } from "./postgresql.js";

const { PORT, TOKEN, PEOPLE, SIZE = "0", DATABASE_URL } = process.env;

async function* people() {
    let left = Number(SIZE);
    if (!left) return;
    for await (const line of createInterface({ input: createReadStream(PEOPLE) })) {
        const [userName, givenName, familyName] = line.split("\t");
        yield {
            userName,
            name: { givenName, familyName },
            emails: [{ value: userName, type: "work", primary: true }],
            active: true,
        };
        if (!--left) return;
    }
}

function stamped(user, before) {
    const now = new Date().toISOString();
    return { ...user, id: before?.id ?? randomUUID(), meta: { created: before?.meta.created ?? now, lastModified: now } };
}

const store = DATABASE_URL ? await postgresqlStore(DATABASE_URL) : memoryStore();
await store.fill(people(), stamped);

// The only filter an identity provider asks in a hurry is worth an index; SCIMMY matches every other one over all users.
function wantedName(filter) {
    const [expression] = filter?.length === 1 ? filter : [];
    const [operator, value] = expression?.userName ?? [];
    return operator === "eq" ? String(value).toLowerCase() : undefined;
}

SCIMMY.Resources.declare(SCIMMY.Resources.User)
    .ingress(async (resource, data) => {
        const before = resource.id ? await store.get(resource.id) : undefined;
        if (resource.id && !before) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
        const owner = await store.byName(data.userName.toLowerCase());
        if (owner && owner.id !== resource.id) throw new SCIMMY.Types.Error(409, "uniqueness", "userName is taken");
        const user = stamped(JSON.parse(JSON.stringify(data)), before);
        await store.put(user, before);
        return user;
    })
    .egress(async (resource) => {
        if (resource.id) return (await store.get(resource.id)) ?? Promise.reject(new Error("unknown"));
        const name = wantedName(resource.filter);
        if (name !== undefined) return [await store.byName(name)].filter(Boolean);
        if (resource.filter) return resource.filter.match(await store.all());
        const { startIndex = 1, count = 20 } = resource.constraints ?? {};
        // The page and the total are found by the store, so that SCIMMY does not build every user to cut one page out.
        // What is not longer than the start index it leaves alone; what is longer it cuts itself, so it gets the beginning.
        const page = startIndex > count ? await store.page(startIndex, count) : await store.page(1, startIndex - 1 + count);
        resource.constraints = { ...resource.constraints, totalResults: await store.count() };
        return page;
    })
    .degress(async (resource) => store.remove(resource.id));

const app = express();
app.use("/scim/v2", new SCIMMYRouters({
    type: "bearer",
    handler: (request) => {
        if (request.header("Authorization") !== `Bearer ${TOKEN}`) throw new Error("The token is wrong.");
        return "benchmark";
    },
}));
app.listen(Number(PORT), "127.0.0.1", () => console.log("ready"));
