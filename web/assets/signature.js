// The signature pad: what is drawn goes as a PNG into the form's own field.
import SignaturePad from "signature_pad";

const INK = "#1a1a2e";
const WIDEST = 1200;

function prepare(field) {
  const box = document.createElement("div");
  box.className = "signature-pad";
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", labelOf(field));
  const wipe = document.createElement("button");
  wipe.type = "button";
  wipe.className = "button-quiet";
  wipe.textContent = field.dataset.labelWipe || "×";
  box.append(canvas, wipe);
  field.after(box);
  const pad = new SignaturePad(canvas, { penColor: INK, minWidth: 1.2, maxWidth: 3.6 });
  pad.addEventListener("endStroke", () => {
    field.value = pad.isEmpty() ? "" : picture(canvas);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  wipe.addEventListener("click", () => {
    pad.clear();
    field.value = "";
  });
  fit(canvas, pad);
  new ResizeObserver(() => fit(canvas, pad)).observe(box);
}

function labelOf(field) {
  return document.querySelector(`label[for="${CSS.escape(field.id)}"]`)?.textContent.trim() || "";
}

// A tablet that is turned keeps what was drawn.
function fit(canvas, pad) {
  const scale = Math.min(window.devicePixelRatio || 1, 2);
  const width = Math.min(canvas.clientWidth * scale, WIDEST);
  if (!width || Math.abs(canvas.width - width) < 2) {
    return;
  }
  const strokes = pad.toData();
  canvas.width = width;
  canvas.height = width * (canvas.clientHeight / canvas.clientWidth);
  canvas.getContext("2d").scale(width / canvas.clientWidth, width / canvas.clientWidth);
  pad.clear();
  pad.fromData(strokes);
}

// Only the drawn part, as small as it can be: the field takes 200 kB.
function picture(canvas) {
  const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (data[(y * width + x) * 4 + 3]) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
    }
  }
  const part = document.createElement("canvas");
  const margin = 8;
  part.width = Math.max(right - left, 1) + 2 * margin;
  part.height = Math.max(bottom - top, 1) + 2 * margin;
  part.getContext("2d").drawImage(canvas, margin - left, margin - top);
  return part.toDataURL("image/png");
}

const prepareAll = (where) => where.querySelectorAll("[data-signature]").forEach(prepare);

prepareAll(document);
document.addEventListener("guided:drawn", (event) => prepareAll(event.detail));
