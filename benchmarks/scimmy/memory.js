// Users in maps, by id and by lower-cased user name.
export function memoryStore() {
    const users = new Map();
    const names = new Map();
    let list = [];
    return {
        async fill(people, stamped) {
            for await (const person of people) await this.put(stamped(person));
        },
        get: async (id) => users.get(id),
        byName: async (name) => users.get(names.get(name)),
        all: async () => list.map((id) => users.get(id)),
        count: async () => list.length,
        page: async (start, count) => list.slice(start - 1, start - 1 + count).map((id) => users.get(id)),
        async put(user, before) {
            if (before) names.delete(before.userName.toLowerCase());
            else list.push(user.id);
            users.set(user.id, user);
            names.set(user.userName.toLowerCase(), user.id);
        },
        async remove(id) {
            names.delete(users.get(id)?.userName.toLowerCase());
            users.delete(id);
            list = list.filter((other) => other !== id);
        },
    };
}
