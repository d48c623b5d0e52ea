package dev.sheaf.infra;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import software.amazon.awscdk.assertions.Template;

/** A template as JSON, for what the CDK's matchers cannot say. */
final class Resources {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Resources() {}

  static List<JsonNode> of(Template template, String type) {
    List<JsonNode> found = new ArrayList<>();
    JSON.valueToTree(template.findResources(type)).forEach(found::add);
    return found;
  }

  static JsonNode only(Template template, String type) {
    List<JsonNode> found = of(template, type);
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " resources of type " + type);
    }
    return found.getFirst();
  }

  /** A function of the site {@code main}. */
  static JsonNode function(Template template, String name) {
    return of(template, "AWS::Lambda::Function").stream()
        .filter(f -> f.at("/Properties/FunctionName").asText().equals("sheaf-main-" + name))
        .findFirst()
        .orElseThrow();
  }

  /** The properties of an alarm of the site {@code main}. */
  static JsonNode alarm(Template template, String id) {
    return of(template, "AWS::CloudWatch::Alarm").stream()
        .map(alarm -> alarm.path("Properties"))
        .filter(alarm -> alarm.path("AlarmName").asText().equals("sheaf-main-" + id))
        .findFirst()
        .orElseThrow();
  }

  static Set<String> texts(JsonNode values) {
    Set<String> texts = new TreeSet<>();
    if (values.isArray()) {
      values.forEach(value -> texts.add(value.asText()));
    } else {
      texts.add(values.asText());
    }
    return texts;
  }
}
