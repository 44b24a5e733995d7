// What script adds to pages that work without it. Nothing is kept in local or session storage.

import {createAll} from "govuk-frontend/dist/govuk/init.mjs";
import {ErrorSummary} from "govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs";
import {ServiceNavigation} from "govuk-frontend/dist/govuk/components/service-navigation/service-navigation.mjs";
import {SkipLink} from "govuk-frontend/dist/govuk/components/skip-link/skip-link.mjs";
import {startAutosave} from "./autosave.js";
import {countCharacters} from "./count.js";
import {guardDoubleSubmit} from "./double-submit.js";
import {keepExclusive} from "./exclusive.js";
import {offerHiding} from "./hide.js";
import {revealForAMinute} from "./reveal.js";
import {showWhenChosen} from "./shown-when.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");

for (const Component of [ErrorSummary, ServiceNavigation, SkipLink]) createAll(Component);

document.querySelectorAll("form[data-autosave-url]").forEach(startAutosave);
document.querySelectorAll("[data-count-for]").forEach(countCharacters);
document.querySelectorAll("[data-exclusive]").forEach(keepExclusive);
document.querySelectorAll("form[data-reveal]").forEach(revealForAMinute);
document.querySelectorAll("form[method=post]").forEach(guardDoubleSubmit);
document.querySelectorAll("form").forEach(showWhenChosen);
document.querySelectorAll("form[data-hide]").forEach(offerHiding);
