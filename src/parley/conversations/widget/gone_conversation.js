// A conversation that was deleted or erased answers 404, as the wire format wants. The widget would go on with it for ever and
// drop what the customer types. So such a message is sent once more as the first one of a new conversation.
(function (page) {
  var extensions = (page.__PosthogExtensions__ = page.__PosthogExtensions__ || {});
  if (extensions.beginsAnew) return;
  extensions.beginsAnew = true;
  var start = extensions.initConversations;
  var widget = null;

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
        answered(answer);
      },
    });
  }

  function watch(posthog) {
    var send = posthog._send_request;
    posthog._send_request = function (request) {
      if (!isMessage(request) || !request.data || !request.data.ticket_id) return send.call(posthog, request);
      var original = copy(request);
      var answered = request.callback;
      return send.call(
        posthog,
        copy(request, {
          callback: function (answer) {
            if (answer.statusCode !== 404) return answered(answer);
            send.call(posthog, asFirst(original, answered));
          },
        }),
      );
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
