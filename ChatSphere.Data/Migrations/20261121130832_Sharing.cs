using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ChatSphere.Data.Migrations
{
    /// <inheritdoc />
    public partial class Sharing : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "people");

            migrationBuilder.EnsureSchema(
                name: "sharing");

            migrationBuilder.CreateTable(
                name: "blocks",
                schema: "people",
                columns: table => new
                {
                    blocker_id = table.Column<Guid>(type: "uuid", nullable: false),
                    blocked_id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_blocks", x => new { x.blocker_id, x.blocked_id });
                    table.ForeignKey(
                        name: "fk_blocks_accounts_blocked_id",
                        column: x => x.blocked_id,
                        principalSchema: "accounts",
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_blocks_accounts_blocker_id",
                        column: x => x.blocker_id,
                        principalSchema: "accounts",
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "profiles",
                schema: "people",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    handle = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    handle_skeleton = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    bio = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    pronouns = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    status = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    avatar_sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    avatar_type = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true),
                    locale = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: true),
                    theme = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    default_model = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    time_zone = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    who_can_find_me = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    who_can_ask_friendship = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    who_can_message_me = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    show_presence = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    requests_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    requests = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_profiles", x => x.account_id);
                    table.ForeignKey(
                        name: "fk_profiles_accounts_account_id",
                        column: x => x.account_id,
                        principalSchema: "accounts",
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "relationships",
                schema: "people",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    low_id = table.Column<Guid>(type: "uuid", nullable: false),
                    high_id = table.Column<Guid>(type: "uuid", nullable: false),
                    requested_by = table.Column<Guid>(type: "uuid", nullable: false),
                    accepted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_relationships", x => x.id);
                    table.ForeignKey(
                        name: "fk_relationships_accounts_high_id",
                        column: x => x.high_id,
                        principalSchema: "accounts",
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_relationships_accounts_low_id",
                        column: x => x.low_id,
                        principalSchema: "accounts",
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "shares",
                schema: "sharing",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    resource_kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    resource_id = table.Column<Guid>(type: "uuid", nullable: false),
                    grantee_kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    grantee_id = table.Column<Guid>(type: "uuid", nullable: false),
                    right = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_shares", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_blocks_blocked_id",
                schema: "people",
                table: "blocks",
                column: "blocked_id");

            migrationBuilder.CreateIndex(
                name: "ix_profiles_avatar_sha256",
                schema: "people",
                table: "profiles",
                column: "avatar_sha256");

            migrationBuilder.CreateIndex(
                name: "ix_profiles_handle",
                schema: "people",
                table: "profiles",
                column: "handle")
                .Annotation("Npgsql:IndexOperators", new[] { "text_pattern_ops" });

            migrationBuilder.CreateIndex(
                name: "ix_profiles_handle_skeleton",
                schema: "people",
                table: "profiles",
                column: "handle_skeleton",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_relationships_high_id",
                schema: "people",
                table: "relationships",
                column: "high_id");

            migrationBuilder.CreateIndex(
                name: "ix_relationships_low_id_high_id",
                schema: "people",
                table: "relationships",
                columns: new[] { "low_id", "high_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_shares_grantee_id_resource_id",
                schema: "sharing",
                table: "shares",
                columns: new[] { "grantee_id", "resource_id" })
                .Annotation("Npgsql:IndexInclude", new[] { "resource_kind", "right" });

            migrationBuilder.CreateIndex(
                name: "ix_shares_resource_id_resource_kind_grantee_id",
                schema: "sharing",
                table: "shares",
                columns: new[] { "resource_id", "resource_kind", "grantee_id" },
                unique: true);

            migrationBuilder.Sql(People.PeopleSql.Up);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // Forward only: see docs/architecture.md.
            throw new System.NotSupportedException("Migrations go forward only.");
        }
    }
}
