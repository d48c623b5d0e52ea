package dev.sheaf.ops;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A peer that gives prepared answers, the last one for ever, and remembers what it was asked. */
final class ScriptedPeer implements SweepPeer {
  private final Queue<Script> answers = new ArrayDeque<>();
  final List<String> asked = new ArrayList<>();

  private record Script(int status, Map<String, String> headers, String body) {}

  /**
   * Adds an answer.
   *
   * @param headers names and values in turn
   */
  ScriptedPeer answers(int status, String body, String... headers) {
    Map<String, String> byName = new HashMap<>();
    for (int i = 0; i < headers.length; i += 2) {
      byName.put(headers[i], headers[i + 1]);
    }
    answers.add(new Script(status, byName, body));
    return this;
  }

  ScriptedPeer page(List<Op> ops, String... headers) {
    return answers(
        200, "[" + String.join(",\n  ", ops.stream().map(OpJson::write).toList()) + "]\n", headers);
  }

  @Override
  public String host() {
    return OpsTest.PEER;
  }

  @Override
  public Answer sweep(String after) throws IOException {
    asked.add(after);
    @Nullable Script script = answers.size() > 1 ? answers.poll() : answers.peek();
    if (script == null) {
      throw new IOException("connection refused");
    }
    return new Answer(
        script.status(),
        name -> Optional.ofNullable(script.headers().get(name)),
        new ByteArrayInputStream(script.body().getBytes(StandardCharsets.UTF_8)));
  }
}
