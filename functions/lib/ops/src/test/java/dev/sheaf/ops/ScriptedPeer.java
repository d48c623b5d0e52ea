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
  private final Queue<Script> snapshots = new ArrayDeque<>();
  final List<String> asked = new ArrayList<>();
  final List<String> askedSnapshots = new ArrayList<>();

  private record Script(int status, Map<String, String> headers, String body) {
    Answer answer() {
      return new Answer(
          status,
          name -> Optional.ofNullable(headers.get(name)),
          new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    }
  }

  /**
   * Adds an answer to a sweep.
   *
   * @param headers names and values in turn
   */
  ScriptedPeer answers(int status, String body, String... headers) {
    answers.add(script(status, body, headers));
    return this;
  }

  ScriptedPeer page(List<Op> ops, String... headers) {
    return answers(200, array(ops), headers);
  }

  /** Adds an answer to a snapshot; without any there is no such route. */
  ScriptedPeer snapshot(int status, String body, String... headers) {
    snapshots.add(script(status, body, headers));
    return this;
  }

  ScriptedPeer snapshot(List<Op> records, String... headers) {
    return snapshot(200, array(records), headers);
  }

  private static Script script(int status, String body, String... headers) {
    Map<String, String> byName = new HashMap<>();
    for (int i = 0; i < headers.length; i += 2) {
      byName.put(headers[i], headers[i + 1]);
    }
    return new Script(status, byName, body);
  }

  private static String array(List<Op> ops) {
    return "[" + String.join(",\n  ", ops.stream().map(OpJson::write).toList()) + "]\n";
  }

  @Override
  public String host() {
    return OpsTest.PEER;
  }

  @Override
  public Answer snapshot(String table, String after) {
    askedSnapshots.add(table + " " + after);
    @Nullable Script script = snapshots.size() > 1 ? snapshots.poll() : snapshots.peek();
    return script == null ? new Script(404, Map.of(), "no such route").answer() : script.answer();
  }

  @Override
  public Answer sweep(String after) throws IOException {
    asked.add(after);
    @Nullable Script script = answers.size() > 1 ? answers.poll() : answers.peek();
    if (script == null) {
      throw new IOException("connection refused");
    }
    return script.answer();
  }
}
