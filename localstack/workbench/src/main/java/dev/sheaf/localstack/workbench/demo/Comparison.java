package dev.sheaf.localstack.workbench.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Whether a clone is what was pushed.
 *
 * @param refs number of refs compared, HEAD included
 * @param objects number of objects compared
 * @param complaints what git fsck says of the original as well: a copy keeps that too
 * @param differences what differs, one line each; empty when nothing
 */
record Comparison(int refs, int objects, int complaints, List<String> differences) {
  private static final int SHOWN = 5;

  static Comparison of(Git original, Git copy) throws IOException {
    List<String> differences = new ArrayList<>();
    List<String> refs = original.refs();
    List<String> copied = copy.refs();
    if (refs.removeIf(line -> line.matches("HEAD [0-9a-f]{40}"))) {
      // A push by git does not say that HEAD is detached.
      copied.removeIf(line -> line.startsWith("HEAD "));
    }
    addDifferences("ref", new TreeSet<>(refs), new TreeSet<>(copied), differences);
    SortedSet<String> objects = original.objects();
    addDifferences("object", objects, copy.objects(), differences);
    SortedSet<String> complaints = copy.fsck();
    if (!complaints.isEmpty()) {
      addDifferences("complaint of git fsck", original.fsck(), complaints, differences);
    }
    return new Comparison(refs.size(), objects.size(), complaints.size(), differences);
  }

  private static void addDifferences(
      String what, SortedSet<String> expected, SortedSet<String> found, List<String> differences) {
    expected.stream()
        .filter(item -> !found.contains(item))
        .limit(SHOWN)
        .forEach(item -> differences.add(what + " lost: " + item));
    found.stream()
        .filter(item -> !expected.contains(item))
        .limit(SHOWN)
        .forEach(item -> differences.add(what + " too many: " + item));
  }

  boolean isIdentical() {
    return differences.isEmpty();
  }

  /** As JSON-able values. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("identical", isIdentical());
    map.put("refs", refs);
    map.put("objects", objects);
    map.put("complaints", complaints);
    map.put("differences", differences);
    return map;
  }
}
