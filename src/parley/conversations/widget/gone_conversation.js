// A conversation that was deleted or erased answers 404, as the wire format wants. The widget would go on with it for ever and
// drop what the customer types. So such a message is sent once more as the first one of a new conversation. What is typed before that
// one has begun waits for it, so that all of it comes into one.
(function (page) {
  var extensions = (page.__PosthogExtensions__ = page.__PosthogExtensions__ || {});
  if (extensions.beginsAnew) return;
  extensions.beginsAnew = true;
  var start = extensions.initConversations;
  var widget = null;
  // By the id of a conversation that is gone: the id of the one after it, or the messages that wait until it has begun.
  var following = Object.create(null);

  function copy(from, changes) {
    return Object.assign({}, from, changes);
  }

  function isMessage(request) {
    return request.method === "POST" && /\/widget\/message$/.test(String(request.url).split("?")[0]);
  }

  function asFirst(request, answered) {
    var context = copy(request.data.session_context, { current_url: page.location.href.split("#")[0] });
    return copy(request, {
      data: copy(request.data, { ticket_id: null, session_context: context }),
      callback: function (answer) {
        var sent = answer.statusCode === 200 && answer.json;
        // To ask for the messages of a conversation is what makes it the widget's current one.
        if (sent && widget) widget.getMessages(sent.ticket_id).catch(function () {});
        answered(answer, sent && sent.ticket_id);
      },
    });
  }

  function watch(posthog) {
    var send = posthog._send_request;

    function deliver(request) {
      if (request.data.ticket_id in following) return deliverAnew(request);
      var tried = copy(request, {
        callback: function (answer) {
          if (answer.statusCode === 404) deliverAnew(request);
          else request.callback(answer);
        },
      });
      send.call(posthog, tried);
    }

    function deliverAnew(request) {
      var gone = request.data.ticket_id;
      var after = following[gone];
      if (Array.isArray(after)) return after.push(request);
      if (after) return deliver(copy(request, { data: copy(request.data, { ticket_id: after }) }));
      var waiting = (following[gone] = []);
      function answered(answer, begun) {
        if (begun) following[gone] = begun;
        else delete following[gone]; // the next one tries to be the first
        request.callback(answer);
        waiting.forEach(deliverAnew);
      }
      send.call(posthog, asFirst(request, answered));
    }

    posthog._send_request = function (request) {
      if (!isMessage(request) || !request.data || !request.data.ticket_id) return send.call(posthog, request);
      deliver(copy(request));
    };
    posthog.beginsAnew = true;
  }

  function startAndWatch(config, posthog) {
    // Another version of the SDK may have no such function: then the widget does what it did.
    if (!posthog.beginsAnew && typeof posthog._send_request === "function") watch(posthog);
    widget = start(config, posthog);
    return widget;
  }

  Object.defineProperty(extensions, "initConversations", {
    configurable: true,
    enumerable: true,
    get: function () {
      return start && startAndWatch;
    },
    set: function (given) {
      start = given;
    },
  });
})(window);
