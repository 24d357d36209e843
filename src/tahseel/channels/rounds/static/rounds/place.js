// Where the reader stands: asked of the phone only when its button is pressed.
"use strict";

const DIGITS = 6;

function fill(form, name, value) {
  const field = form.querySelector(`input[name$="-${name}"]`);
  if (field) field.value = value.toFixed(DIGITS);
}

function locate(button) {
  const form = button.closest("form");
  const told = button.parentElement.querySelector("[data-located]");
  button.disabled = true;
  navigator.geolocation.getCurrentPosition(
    (found) => {
      fill(form, "latitude", found.coords.latitude);
      fill(form, "longitude", found.coords.longitude);
      told.textContent = told.dataset.located;
      button.disabled = false;
    },
    () => {
      told.textContent = told.dataset.lost;
      button.disabled = false;
    },
    { enableHighAccuracy: true, timeout: 15000 },
  );
}

for (const button of document.querySelectorAll("[data-locates]")) {
  if (!("geolocation" in navigator)) continue;
  button.hidden = false;
  button.addEventListener("click", () => locate(button));
}
