package dev.sheaf.infra;

import software.constructs.Construct;

/**
 * The alarms that ask for somebody's attention, and one dashboard with what they watch: a {@code
 * Watch} for each part of the site, in the order of the dashboard's rows.
 */
final class Monitoring extends Construct {

  Monitoring(Construct scope, Site site, Stores stores, Functions functions, Gateway gateway) {
    super(scope, "Monitoring");
    Board board = new Board(this, site);
    new ApiWatch(gateway, functions.api()).addTo(board);
    new IndexingWatch(stores.uploads(), functions).addTo(board);
    new CompactionWatch(site, functions.compaction()).addTo(board);
    new WakeUpWatch(site).addTo(board);
    functions
        .peerSync()
        .ifPresent(
            peers -> new PeersWatch(peers.function(), stores.follows().orElseThrow()).addTo(board));
    stores
        .catalog()
        .cluster()
        .ifPresent(cluster ->
            new CatalogWatch((CatalogChoice.Aurora) site.catalog(), cluster).addTo(board));
    new RepairWatch(site, stores.repairs(), functions.repair()).addTo(board);
    board.dashboard();
  }
}
