package dev.sheaf.infra;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import software.amazon.awscdk.assertions.Template;

/** Reads the policy of a role as actions by resource, the resources under short names. */
final class Policies {
  private Policies() {}

  static Map<String, Set<String>> of(Template template, String rolePrefix) {
    Map<String, Set<String>> actions = new HashMap<>();
    for (JsonNode policy : Resources.of(template, "AWS::IAM::Policy")) {
      JsonNode properties = policy.path("Properties");
      if (properties.at("/Roles/0/Ref").asText().startsWith(rolePrefix)) {
        properties.at("/PolicyDocument/Statement").forEach(statement -> add(actions, statement));
      }
    }
    return actions;
  }

  private static void add(Map<String, Set<String>> actions, JsonNode statement) {
    if (!statement.path("Effect").asText().equals("Allow") || statement.has("Condition")) {
      throw new AssertionError("unexpected statement: " + statement);
    }
    JsonNode resources = statement.path("Resource");
    for (JsonNode resource : resources.isArray() ? resources : List.of(resources)) {
      actions
          .computeIfAbsent(name(resource), _ -> new TreeSet<>())
          .addAll(Resources.texts(statement.path("Action")));
    }
  }

  /** {@code bucket/objects/*} for a join on the bucket's ARN, {@code uploads} for the queue, ... */
  private static String name(JsonNode resource) {
    if (resource.has("Fn::Join")) {
      JsonNode parts = resource.at("/Fn::Join/1");
      return name(parts.path(0)) + parts.path(1).asText();
    }
    if (resource.has("Ref")) {
      return shortName(resource.path("Ref").asText());
    }
    return resource.has("Fn::GetAtt")
        ? shortName(resource.at("/Fn::GetAtt/0").asText())
        : resource.asText();
  }

  private static String shortName(String logicalId) {
    return switch (logicalId.replaceFirst("[0-9A-F]{8}$", "")) {
      case "StoreBucket" -> "bucket";
      case "UploadsQueue" -> "uploads";
      case "UploadsDeadLetters" -> "dead";
      case "RepairsQueue" -> "repairs";
      case "FollowsQueue" -> "follows";
      case "Tokens" -> "tokens";
      case "PeersTokens" -> "peer-tokens";
      case "CatalogRoleSecret" -> "role";
      case "BundleIndexLogs",
          "ApiLogs",
          "CompactionLogs",
          "CatalogRoleMakerLogs",
          "RepairLogs",
          "PeersPeerSyncLogs" ->
          "logs";
      default -> logicalId;
    };
  }
}
