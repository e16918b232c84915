// What is done with all records at once: reset, snapshots, and fixtures as files.
import { get, post, remove, send } from "./api.js";
import { confirmed, openDialog } from "./dialog.js";
import { h, show } from "./dom.js";
import { button, field, option, select } from "./form.js";
import { tell, tellProblem } from "./notice.js";
import { inSandbox } from "./store.js";
import { t } from "./words.js";

export function tools(onChange) {
  const chosen = select({ "aria-label": t("Snapshot") });
  const restoring = h(
    "span",
    { class: "together" },
    chosen,
    button(t("Restore"), () => restore(chosen.value)),
    button(t("Forget"), () => forget(chosen.value)),
  );

  async function load() {
    const names = (await get("/snapshots", inSandbox())).map((snapshot) => snapshot.name);
    show(
      chosen,
      names.map((name) => option(name)),
    );
    restoring.hidden = names.length === 0;
  }

  const done = async (act, text) => {
    try {
      await act();
      tell(text);
      await load();
      onChange();
    } catch (error) {
      tellProblem(error);
    }
  };

  async function reset() {
    if (
      await confirmed(
        t("Reset the sandbox?"),
        t("All records are as they were at the beginning; faults end."),
        t("Reset"),
      )
    ) {
      await done(() => post("/reset", undefined, inSandbox()), t("All is as it was at the beginning."));
    }
  }

  const restore = (name) =>
    done(() => post(`/snapshots/${name}/restore`, undefined, inSandbox()), t("Back to {name}.", { name }));
  const forget = (name) => done(() => remove(`/snapshots/${name}`, inSandbox()), t("{name} is forgotten.", { name }));
  const keep = () =>
    askName((name) => done(() => post("/snapshots", { name }, inSandbox()), t("{name} is kept.", { name })));

  async function upload(file) {
    const isZip = file.name.endsWith(".zip");
    await done(
      () =>
        send(isZip ? "/fixtures.zip" : "/fixtures", {
          method: "POST",
          query: inSandbox(),
          body: file,
          headers: { "content-type": isZip ? "application/zip" : "application/json" },
        }),
      t("The fixtures took the place of all records; the snapshot upload has them."),
    );
    picker.value = "";
  }

  const picker = h("input", {
    type: "file",
    accept: ".zip,.json",
    class: "hidden",
    tabindex: -1,
    "aria-label": t("Fixtures to upload"),
    onchange: () => picker.files[0] && upload(picker.files[0]),
  });

  load().catch(() => {});
  return h(
    "div",
    { class: "buttons tools" },
    button(t("Reset…"), reset),
    button(t("Keep a snapshot…"), keep),
    restoring,
    button(t("Download fixtures"), () => download().catch(tellProblem)),
    button(t("Upload fixtures…"), () => picker.click()),
    picker,
  );
}

async function download() {
  const archive = await (await send("/fixtures.zip", { query: inSandbox() })).blob();
  const url = URL.createObjectURL(archive);
  h("a", { href: url, download: "fixtures.zip" }).click();
  URL.revokeObjectURL(url);
}

function askName(act) {
  const name = field(
    t("Name"),
    h("input", { required: true, pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]{0,59}", value: "before" }),
    t("letters, digits, dots, dashes and underscores"),
  );
  const form = h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        close();
        act(name.control.value);
      },
    },
    name.element,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: () => close() }, t("Cancel")),
      h("button", { class: "main" }, t("Keep")),
    ),
  );
  const close = openDialog(t("Keep a snapshot"), form);
}
