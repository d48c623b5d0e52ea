package dev.sheaf.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A row as the record that travels. */
final class OwnRow {
  static final ObjectMapper JSON = JsonMapper.builder().build();

  private OwnRow() {}

  /** A repository. */
  static Optional<ObjectNode> repo(Catalog catalog, RegisteredTable repos, String repoId) {
    return read(
        catalog,
        repos,
        Statement.of(
                "select %s::text as record from %s r where repo_id = :repo"
                    .formatted(repos.record("r."), repos.name()))
            .text("repo", repoId));
  }

  /** A branch of a repository. */
  static Optional<ObjectNode> branch(
      Catalog catalog, RegisteredTable table, String repoId, String name) {
    return read(
        catalog,
        table,
        Statement.of(
                "select to_jsonb(r)::text as record from %s r where repo_id = :repo and name = :name"
                    .formatted(table.name()))
            .text("repo", repoId)
            .text("name", name));
  }

  /**
   * A ref of a git repository.
   *
   * @param name its bytes in hex
   */
  static Optional<ObjectNode> gitRef(
      Catalog catalog, RegisteredTable table, String repoId, String name) {
    return read(
        catalog,
        table,
        Statement.of(
                """
                select %s::text as record from git_refs r
                where repo_id = :repo and name = decode(:name, 'hex')
                """
                    .formatted(table.record("r.")))
            .text("repo", repoId)
            .text("name", name));
  }

  /**
   * Those of some branches or refs that have no row.
   *
   * @param keys records of their names, as many as one snapshot's page has
   */
  static List<ObjectNode> absent(Catalog catalog, RegisteredTable table, List<ObjectNode> keys) {
    String name = table.name().equals(HomeFence.GIT_REFS) ? "decode(%s, 'hex')" : "%s";
    List<ObjectNode> absent = new ArrayList<>();
    for (List<ObjectNode> batch : Batches.of(keys, key -> EncodedSize.ofText(key.toString()))) {
      catalog
          .execute(
              Statement.of(
                      """
                      select string_agg((ordinality - 1)::text, ' ') as places
                      from jsonb_array_elements(:keys::jsonb) with ordinality as k (key, ordinality)
                      where not exists (
                        select 1 from %s r
                        where r.repo_id = key->>'repo_id' and r.name = %s)
                      """
                          .formatted(table.name(), name.formatted("key->>'name'")))
                  .text("keys", batch.toString()))
          .first()
          .map(row -> row.textOrNull("places"))
          .ifPresent(places -> {
            for (String place : places.split(" ", -1)) {
              absent.add(batch.get(Integer.parseInt(place)));
            }
          });
    }
    return absent;
  }

  private static Optional<ObjectNode> read(
      Catalog catalog, RegisteredTable table, Statement statement) {
    return catalog.execute(statement).first().map(row -> registered(table, row.text("record")));
  }

  private static ObjectNode registered(RegisteredTable table, String row) {
    JsonNode all = json(row);
    ObjectNode record = JSON.createObjectNode();
    table.columns().forEach(column -> record.set(column.name(), all.path(column.name())));
    return record;
  }

  /** JSON as Postgres wrote it. */
  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Postgres wrote what is no JSON", e);
    }
  }
}
