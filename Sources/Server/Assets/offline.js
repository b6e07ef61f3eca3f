// Where the network is gone, a page of ours says so instead of the browser's.
if (isSecureContext) navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
