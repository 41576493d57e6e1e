// An identity provider of the package samlp. Arguments: port, file with key and certificate as JSON, URL to answer to.
"use strict";

const http = require("node:http");
const fs = require("node:fs");
const samlp = require("samlp");

const [port, file, acsUrl] = process.argv.slice(2);
const { key, cert } = JSON.parse(fs.readFileSync(file, "utf8"));
const issuer = `http://127.0.0.1:${port}/idp`;
const options = {
  issuer,
  key,
  cert,
  getPostURL: (audience, request, req, done) => done(null, acsUrl),
  getUserFromRequest: (req) => ({
    id: `id-of-${req.query.email}`,
    emails: [{ value: req.query.email }],
    displayName: "Grace Hopper",
    name: { givenName: "Grace", familyName: "Hopper" },
  }),
  recipient: acsUrl,
  destination: acsUrl,
};

function form(query) {
  const kept = ["SAMLRequest", "RelayState"].map(
    (name) => `<input type="hidden" name="${name}" value="${(query[name] || "").replace(/["&<]/g, (c) => `&#${c.charCodeAt(0)};`)}">`,
  );
  return `<form action="/answer">${kept.join("")}<label>E-mail <input name="email"></label><button>Sign in</button></form>`;
}

http
  .createServer((req, res) => {
    const url = new URL(req.url, issuer);
    req.query = Object.fromEntries(url.searchParams);
    req.protocol = "http";
    req.originalUrl = req.url;
    res.set = (name, value) => res.setHeader(name, value);
    res.send = (body) => res.end(typeof body === "number" ? String(body) : body);
    if (url.pathname === "/metadata") {
      samlp.metadata({ issuer, cert, redirectEndpointPath: "/sso", postEndpointPath: "/sso" })(req, res);
    } else if (url.pathname === "/answer") {
      samlp.auth(options)(req, res, (error) => res.end(String(error)));
    } else {
      res.setHeader("Content-Type", "text/html");
      res.end(form(req.query));
    }
  })
  .listen(Number(port), "127.0.0.1", () => console.log("ready"));
