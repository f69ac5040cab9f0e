"use strict";
(function () {
  var known = {{ data|tojson }};
  var note = document.querySelector("[data-release]");
  if (!note || !known.newest) { return; }
  var newest = note.getAttribute("data-release") === known.newest;
  note.querySelector("[data-known]").textContent = newest ? "; it is the newest release" : "";
  if (newest) { return; }
  var page = note.getAttribute("data-page");
  var there = known.pages.indexOf(page) >= 0;
  var link = document.createElement("a");
  link.href = note.getAttribute("data-root") + "../" + known.newest + "/" + (there ? page : "") + "index.html";
  link.textContent = (there ? "this page in release " : "release ") + known.newest;
  var words = document.createElement("strong");
  words.textContent = "Release " + note.getAttribute("data-release") + " has been superseded.";
  var line = document.createElement("p");
  line.appendChild(words);
  line.appendChild(document.createTextNode(" The newest is "));
  line.appendChild(link);
  line.appendChild(document.createTextNode(there ? "." : ", which no longer has this page."));
  note.insertBefore(line, note.firstChild);
  note.classList.add("superseded");
}());
