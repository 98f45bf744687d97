"use strict";
const place = document.getElementById("docs");
const ui = SwaggerUIBundle({
  url: place.dataset.url,
  domNode: place,
  validatorUrl: null,
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  onComplete: () => {
    for (const [scheme, value] of Object.entries(JSON.parse(place.dataset.credentials))) {
      ui.preauthorizeApiKey(scheme, value);
    }
  },
});
