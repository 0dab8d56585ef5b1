// The API documentation: starts the viewer, and signs in with the demo credentials when asked to.

const viewer = document.getElementById("viewer");
const button = document.querySelector("[data-demo]");
const keyButton = document.querySelector("[data-key]");
const address = (path) => new URL(path, location.href).href;
let ui;
/** What the demo credentials open, by the beginning of the path: SCIM has an address for every kind of credential. */
let demo;

/** Swagger UI sends whatever was given last; here it is what the address takes. */
function withCredential(request) {
  if (!demo || request.loadSpec) return request;
  const { pathname, origin } = new URL(request.url, location.href);
  const family = Object.keys(demo).find((start) => pathname.startsWith(start));
  if (origin === location.origin && family && request.headers.Authorization) request.headers.Authorization = demo[family];
  return request;
}

async function useDemo() {
  const state = document.getElementById("demo-state");
  button.disabled = true;
  try {
    const known = await json(await fetch(button.dataset.demo));
    const pair = { accessKeyId: known.accessKeyId, accessKeySecret: known.accessKeySecret };
    const headers = { "Content-Type": "application/json" };
    const asked = { method: "POST", headers, body: JSON.stringify(pair) };
    const { access_token: token } = await json(await fetch(button.dataset.token, asked));
    demo = {
      "/oauth/scim/": `Bearer ${known.scimToken}`,
      "/basic-auth/scim/": `Basic ${btoa(`${known.accessKeyId}:${known.accessKeySecret}`)}`,
      "/": `Bearer ${token}`,
    };
    ui.preauthorizeApiKey("accessToken", token);
    ui.preauthorizeApiKey("scimToken", known.scimToken);
    ui.preauthorizeBasic("accessKey", known.accessKeyId, known.accessKeySecret);
    state.textContent = state.dataset.done;
  } catch {
    state.textContent = state.dataset.failed;
  }
  button.disabled = false;
}

async function useKey() {
  const state = document.getElementById("demo-state");
  try {
    const { control_key: key } = await json(await fetch(keyButton.dataset.key));
    ui.preauthorizeApiKey("controlKey", key);
    state.textContent = state.dataset.done;
  } catch {
    state.textContent = state.dataset.failed;
  }
}

async function json(response) {
  if (!response.ok) throw new Error(response.status);
  return response.json();
}

function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function startSwagger() {
  document.documentElement.classList.toggle("dark-mode", isDark());
  ui = SwaggerUIBundle({
    domNode: viewer,
    url: address(viewer.dataset.document),
    oauth2RedirectUrl: address(viewer.dataset.signedIn),
    validatorUrl: null,
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: -1,
    filter: true,
    tryItOutEnabled: true,
    requestInterceptor: withCredential,
  });
  ui.initOAuth({ usePkceWithAuthorizationCodeGrant: true, scopes: "openid" });
  button?.addEventListener("click", useDemo);
  keyButton?.addEventListener("click", useKey);
}

if (viewer.dataset.viewer === "swagger") startSwagger();
else Redoc.init(address(viewer.dataset.document), { hideDownloadButton: true, nativeScrollbars: true, scrollYOffset: ".docs-bar" }, viewer);
