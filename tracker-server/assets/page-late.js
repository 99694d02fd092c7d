// The sentences of a page whose module has not come, or has failed. This file is no module, so that
// it needs nothing else.

// The style waits before it shows them.
addEventListener("error", () => (document.documentElement.dataset.failed = ""), true);

// The link alone would lose what is behind the `#` of the address.
addEventListener("click", (event) => {
  if (!event.target.closest(".late a")) return;
  event.preventDefault();
  location.reload();
});
