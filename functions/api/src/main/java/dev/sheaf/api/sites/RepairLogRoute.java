package dev.sheaf.api.sites;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.api.http.Request;
import dev.sheaf.bundle.Content;
import dev.sheaf.repair.RepairLog;
import java.nio.charset.StandardCharsets;

/** {@code GET /internal/logs/repair?limit=N}: the cycles of repair, newest first. */
public final class RepairLogRoute {
  private final RepairLog log;

  public RepairLogRoute(RepairLog log) {
    this.log = log;
  }

  /** Answers an array of the records of cycles, a thousand at most, as many as there are. */
  public Reply answer(Request request) {
    ArrayNode cycles = JsonNodeFactory.instance.arrayNode();
    log.newest(limit(request)).forEach(cycle -> cycles.add(cycle.toJson()));
    return Reply.raw(
        200, Content.of(cycles.toString().getBytes(StandardCharsets.UTF_8)), "application/json");
  }

  /** A number that is too large is as large as may be; what is none is refused. */
  private static int limit(Request request) {
    String text = request.queryText("limit").orElse(String.valueOf(RepairLog.MOST));
    try {
      int limit = Integer.parseInt(text);
      if (limit > 0) {
        return Math.min(limit, RepairLog.MOST);
      }
    } catch (NumberFormatException e) {
      // as for one that is out of range
    }
    throw HttpFailure.malformed("Invalid limit value '" + text + "': a number from 1 on", null);
  }
}
