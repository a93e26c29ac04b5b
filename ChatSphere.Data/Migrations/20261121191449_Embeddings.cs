using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ChatSphere.Data.Migrations
{
    /// <inheritdoc />
    public partial class Embeddings : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "embedding_sets",
                schema: "knowledge",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    key = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    source = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    connection_id = table.Column<Guid>(type: "uuid", nullable: true),
                    connection_name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    model = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    dimensions = table.Column<int>(type: "integer", nullable: true),
                    state = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    passages_total = table.Column<int>(type: "integer", nullable: false),
                    passages_done = table.Column<int>(type: "integer", nullable: false),
                    passages_refused = table.Column<int>(type: "integer", nullable: false),
                    tokens_read = table.Column<long>(type: "bigint", nullable: false),
                    trouble = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: true),
                    failing_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    failure_reason = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: true),
                    leased_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    leased_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    active_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    vectors_removed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_embedding_sets", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "embedding_refusals",
                schema: "knowledge",
                columns: table => new
                {
                    set_id = table.Column<Guid>(type: "uuid", nullable: false),
                    chunk_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_embedding_refusals", x => new { x.chunk_id, x.set_id });
                    table.ForeignKey(
                        name: "fk_embedding_refusals_chunks_chunk_id",
                        column: x => x.chunk_id,
                        principalSchema: "knowledge",
                        principalTable: "chunks",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_embedding_refusals_embedding_sets_set_id",
                        column: x => x.set_id,
                        principalSchema: "knowledge",
                        principalTable: "embedding_sets",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_embedding_refusals_set_id",
                schema: "knowledge",
                table: "embedding_refusals",
                column: "set_id");

            migrationBuilder.CreateIndex(
                name: "ix_embedding_sets_active",
                schema: "knowledge",
                table: "embedding_sets",
                column: "state",
                unique: true,
                filter: "state = 'Active'");

            migrationBuilder.CreateIndex(
                name: "ix_embedding_sets_building",
                schema: "knowledge",
                table: "embedding_sets",
                column: "state",
                unique: true,
                filter: "state = 'Building'");

            migrationBuilder.CreateIndex(
                name: "ix_embedding_sets_key",
                schema: "knowledge",
                table: "embedding_sets",
                column: "key",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // Forward only: see docs/architecture.md.
            throw new System.NotSupportedException("Migrations go forward only.");
        }
    }
}
