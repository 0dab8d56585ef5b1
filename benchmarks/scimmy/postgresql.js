// Users as JSON in one PostgreSQL table, with an index on the lower-cased user name; prepared statements, pooled connections.
import pg from "pg";

export async function postgresqlStore(url) {
    const pool = new pg.Pool({ connectionString: url, max: 8 });
    await pool.query(`CREATE TABLE IF NOT EXISTS users (
        position bigserial UNIQUE, id text PRIMARY KEY, name text NOT NULL UNIQUE, document jsonb NOT NULL)`);
    const query = async (name, text, values = []) =>
        (await pool.query({ name, text, values })).rows.map((row) => row.document);
    const insert = "INSERT INTO users (id, name, document) VALUES ($1, $2, $3)";
    return {
        async fill(people, stamped) {
            let batch = [];
            const flush = async () => {
                await pool.query(
                    "INSERT INTO users (id, name, document) SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[]) ON CONFLICT DO NOTHING",
                    [batch.map((user) => user.id), batch.map((user) => user.userName.toLowerCase()), batch.map((user) => JSON.stringify(user))],
                );
                batch = [];
            };
            for await (const person of people) {
                batch.push(stamped(person));
                if (batch.length === 1000) await flush();
            }
            if (batch.length) await flush();
            await pool.query("VACUUM ANALYZE users");
        },
        get: async (id) => (await query("get", "SELECT document FROM users WHERE id = $1", [id]))[0],
        byName: async (name) => (await query("name", "SELECT document FROM users WHERE name = $1", [name]))[0],
        all: async () => query("all", "SELECT document FROM users ORDER BY position"),
        count: async () => (await pool.query({ name: "count", text: "SELECT count(*)::int AS count FROM users" })).rows[0].count,
        page: async (start, count) =>
            query("page", "SELECT document FROM users ORDER BY position LIMIT $1 OFFSET $2", [count, start - 1]),
        async put(user, before) {
            if (before) await pool.query({ name: "put", text: "UPDATE users SET name = $2, document = $3 WHERE id = $1",
                values: [user.id, user.userName.toLowerCase(), JSON.stringify(user)] });
            else await pool.query({ name: "add", text: insert, values: [user.id, user.userName.toLowerCase(), JSON.stringify(user)] });
        },
        remove: async (id) => void await pool.query("DELETE FROM users WHERE id = $1", [id]),
    };
}
