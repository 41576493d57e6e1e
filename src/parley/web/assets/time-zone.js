// Fills a field for a time zone with the browser's own, until somebody has chosen another one.
"use strict";

const field = document.querySelector("[data-own-time-zone]");
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const known = [...document.querySelectorAll(`#${field.getAttribute("list")} option`)].some(({ value }) => value === own);
if (known && field.value === field.defaultValue && field.value === "UTC" && !field.matches("[aria-invalid]")) field.value = own;
