// Toolbar of the Data tab: reset, snapshots, download and upload of fixtures.
import { get, post, remove, send } from "./api.js";
import { confirmed, openDialog } from "./dialog.js";
import { h, render } from "./dom.js";
import { button, field, option, select } from "./form.js";
import { t } from "./language.js";
import { notify, showError } from "./notice.js";
import { inSandbox } from "./store.js";

export function createToolbar(onChange) {
  const snapshots = select({ id: "snapshots" });
  const snapshotTools = h(
    "span",
    { class: "together" },
    h("label", { for: "snapshots" }, t("Snapshot")),
    snapshots,
    button(t("Restore"), () => restore(snapshots.value)),
    button(t("Delete snapshot"), () => deleteSnapshot(snapshots.value)),
  );

  async function load() {
    const names = (await get("/snapshots", inSandbox())).map((snapshot) => snapshot.name);
    render(
      snapshots,
      names.map((name) => option(name)),
    );
    snapshotTools.hidden = names.length === 0;
  }

  const perform = async (action, text) => {
    try {
      await action();
      notify(text);
      await load();
      onChange();
    } catch (error) {
      showError(error);
    }
  };

  async function reset() {
    const consequence = t("Restores the initial records and removes all faults.");
    if (await confirmed(t("Reset the sandbox?"), consequence, t("Reset"))) {
      await perform(() => post("/reset", undefined, inSandbox()), t("The sandbox was reset."));
    }
  }

  const restore = (name) =>
    perform(() => post(`/snapshots/${name}/restore`, undefined, inSandbox()), t("Snapshot {name} restored.", { name }));
  const deleteSnapshot = (name) =>
    perform(() => remove(`/snapshots/${name}`, inSandbox()), t("Snapshot {name} deleted.", { name }));
  const create = () =>
    askName((name) => perform(() => post("/snapshots", { name }, inSandbox()), t("Snapshot {name} created.", { name })));

  async function upload(file) {
    const isZip = file.name.endsWith(".zip");
    await perform(
      () =>
        send(isZip ? "/fixtures.zip" : "/fixtures", {
          method: "POST",
          query: inSandbox(),
          body: file,
          headers: { "content-type": isZip ? "application/zip" : "application/json" },
        }),
      t("The uploaded fixtures replaced all records; snapshot: upload."),
    );
    // Else the same file, after a correction, would not be a change.
    picker.value = "";
  }

  const picker = h("input", {
    type: "file",
    accept: ".zip,.json",
    class: "hidden",
    tabindex: -1,
    "aria-label": t("Fixture file to upload"),
    onchange: () => picker.files[0] && upload(picker.files[0]),
  });

  load().catch(() => {});
  return h(
    "div",
    { class: "buttons tools" },
    button(t("Reset…"), reset),
    button(t("Create snapshot…"), create),
    snapshotTools,
    button(t("Download fixtures"), () => download().catch(showError)),
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

function askName(onName) {
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
        onName(name.control.value);
      },
    },
    name.element,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: () => close() }, t("Cancel")),
      h("button", { class: "main" }, t("Create")),
    ),
  );
  const close = openDialog(t("Create snapshot"), form);
}
