// The names by which people write emoji, and what they stand for.
export const emoji = `
smile 😄 | grin 😁 | joy 😂 | rofl 🤣 | smiley 😃 | sweat_smile 😅 | laughing 😆 | wink 😉 | blush 😊 | innocent 😇 | slight_smile 🙂 | upside_down 🙃 | heart_eyes 😍 | star_struck 🤩 |
kissing_heart 😘 | yum 😋 | stuck_out_tongue 😛 | zany 🤪 | thinking 🤔 | raised_eyebrow 🤨 | neutral 😐 | expressionless 😑 | no_mouth 😶 | smirk 😏 | unamused 😒 | roll_eyes 🙄 |
grimace 😬 | relieved 😌 | pensive 😔 | sleepy 😪 | sleeping 😴 | mask 😷 | sick 🤒 | nauseated 🤢 | sneeze 🤧 | hot 🥵 | cold 🥶 | dizzy_face 😵 | exploding_head 🤯 | cowboy 🤠 |
party 🥳 | sunglasses 😎 | nerd 🤓 | monocle 🧐 | confused 😕 | worried 😟 | frown 🙁 | open_mouth 😮 | astonished 😲 | flushed 😳 | pleading 🥺 | fearful 😨 | cold_sweat 😰 | cry 😢 |
sob 😭 | scream 😱 | persevere 😣 | weary 😩 | tired 😫 | yawn 🥱 | triumph 😤 | angry 😠 | rage 😡 | cursing 🤬 | devil 😈 | skull 💀 | poop 💩 | clown 🤡 | ghost 👻 | alien 👽 |
robot 🤖 | cat 🐱 | see_no_evil 🙈 | hear_no_evil 🙉 | speak_no_evil 🙊 | heart ❤️ | orange_heart 🧡 | yellow_heart 💛 | green_heart 💚 | blue_heart 💙 | purple_heart 💜 |
black_heart 🖤 | white_heart 🤍 | broken_heart 💔 | two_hearts 💕 | sparkling_heart 💖 | hundred 💯 | anger 💢 | boom 💥 | dizzy 💫 | sweat_drops 💦 | dash 💨 | speech_balloon 💬 |
thought_balloon 💭 | zzz 💤 | wave 👋 | raised_hand ✋ | vulcan 🖖 | ok_hand 👌 | pinched_fingers 🤌 | v ✌️ | crossed_fingers 🤞 | rock 🤘 | call_me 🤙 | point_left 👈 |
point_right 👉 | point_up 👆 | point_down 👇 | thumbsup 👍 | +1 👍 | thumbsdown 👎 | -1 👎 | fist ✊ | punch 👊 | clap 👏 | raised_hands 🙌 | open_hands 👐 | handshake 🤝 | pray 🙏 |
writing ✍️ | muscle 💪 | brain 🧠 | eyes 👀 | eye 👁️ | tongue 👅 | lips 👄 | baby 👶 | child 🧒 | adult 🧑 | facepalm 🤦 | shrug 🤷 | bow 🙇 | raising_hand 🙋 | running 🏃 | dancer 💃 |
dog 🐶 | mouse 🐭 | rabbit 🐰 | fox 🦊 | bear 🐻 | panda 🐼 | koala 🐨 | tiger 🐯 | lion 🦁 | cow 🐮 | pig 🐷 | frog 🐸 | monkey 🐵 | chicken 🐔 | penguin 🐧 | bird 🐦 | owl 🦉 | duck 🦆 |
bee 🐝 | bug 🐛 | butterfly 🦋 | snail 🐌 | beetle 🐞 | ant 🐜 | spider 🕷️ | turtle 🐢 | snake 🐍 | octopus 🐙 | crab 🦀 | fish 🐟 | dolphin 🐬 | whale 🐳 | shark 🦈 | unicorn 🦄 |
horse 🐴 | bouquet 💐 | blossom 🌸 | rose 🌹 | sunflower 🌻 | tulip 🌷 | seedling 🌱 | tree 🌳 | palm 🌴 | cactus 🌵 | herb 🌿 | four_leaf_clover 🍀 | leaf 🍃 | fallen_leaf 🍂 |
mushroom 🍄 | apple 🍎 | pear 🍐 | orange 🍊 | lemon 🍋 | banana 🍌 | watermelon 🍉 | grapes 🍇 | strawberry 🍓 | cherries 🍒 | peach 🍑 | pineapple 🍍 | avocado 🥑 | tomato 🍅 |
carrot 🥕 | corn 🌽 | pepper 🌶️ | bread 🍞 | cheese 🧀 | egg 🥚 | bacon 🥓 | burger 🍔 | fries 🍟 | pizza 🍕 | hotdog 🌭 | taco 🌮 | sushi 🍣 | ramen 🍜 | spaghetti 🍝 | rice 🍚 |
ice_cream 🍨 | doughnut 🍩 | cookie 🍪 | cake 🍰 | birthday 🎂 | chocolate 🍫 | candy 🍬 | popcorn 🍿 | coffee ☕ | tea 🍵 | beer 🍺 | beers 🍻 | clinking_glasses 🥂 | wine 🍷 |
cocktail 🍸 | bottle 🍾 | fork_and_knife 🍴 | earth 🌍 | map 🗺️ | mountain ⛰️ | beach 🏖️ | house 🏠 | office 🏢 | hospital 🏥 | school 🏫 | factory 🏭 | tent ⛺ | city 🏙️ |
sunrise 🌅 | bridge 🌉 | car 🚗 | taxi 🚕 | bus 🚌 | ambulance 🚑 | fire_engine 🚒 | truck 🚚 | tractor 🚜 | bike 🚲 | train 🚆 | plane ✈️ | rocket 🚀 | helicopter 🚁 | boat ⛵ |
ship 🚢 | anchor ⚓ | construction 🚧 | traffic_light 🚦 | watch ⌚ | alarm ⏰ | hourglass ⌛ | stopwatch ⏱️ | moon 🌙 | sun ☀️ | star ⭐ | sparkles ✨ | zap ⚡ | fire 🔥 |
snowflake ❄️ | snowman ⛄ | cloud ☁️ | rain 🌧️ | rainbow 🌈 | umbrella ☔ | wave_water 🌊 | droplet 💧 | tada 🎉 | confetti 🎊 | balloon 🎈 | gift 🎁 | ribbon 🎀 | christmas_tree 🎄 |
jack_o_lantern 🎃 | trophy 🏆 | medal 🏅 | first_place 🥇 | second_place 🥈 | third_place 🥉 | soccer ⚽ | basketball 🏀 | football 🏈 | tennis 🎾 | ping_pong 🏓 | dart 🎯 | game 🎮 |
dice 🎲 | chess ♟️ | puzzle 🧩 | art 🎨 | musical_note 🎵 | notes 🎶 | guitar 🎸 | piano 🎹 | microphone 🎤 | headphones 🎧 | clapper 🎬 | camera 📷 | video_camera 📹 | tv 📺 |
phone 📱 | telephone ☎️ | computer 💻 | keyboard ⌨️ | printer 🖨️ | floppy 💾 | battery 🔋 | plug 🔌 | bulb 💡 | flashlight 🔦 | candle 🕯️ | book 📖 | books 📚 | notebook 📓 |
newspaper 📰 | bookmark 🔖 | label 🏷️ | money 💰 | credit_card 💳 | receipt 🧾 | chart 📈 | chart_down 📉 | bar_chart 📊 | calendar 📅 | clipboard 📋 | pushpin 📌 | paperclip 📎 |
link 🔗 | ruler 📏 | scissors ✂️ | pen 🖊️ | pencil ✏️ | memo 📝 | folder 📁 | file 📄 | inbox 📥 | outbox 📤 | package 📦 | email 📧 | envelope ✉️ | mailbox 📫 | lock 🔒 | unlock 🔓 |
key 🔑 | hammer 🔨 | wrench 🔧 | gear ⚙️ | toolbox 🧰 | magnet 🧲 | test_tube 🧪 | microscope 🔬 | telescope 🔭 | satellite 🛰️ | syringe 💉 | pill 💊 | dna 🧬 | shield 🛡️ | bomb 💣 |
crystal_ball 🔮 | mag 🔍 | bell 🔔 | no_bell 🔕 | loudspeaker 📢 | mega 📣 | white_check_mark ✅ | check ✔️ | x ❌ | plus ➕ | minus ➖ | question ❓ | exclamation ❗ | bangbang ‼️ |
warning ⚠️ | no_entry ⛔ | prohibited 🚫 | recycle ♻️ | infinity ♾️ | arrow_right ➡️ | arrow_left ⬅️ | arrow_up ⬆️ | arrow_down ⬇️ | repeat 🔁 | new 🆕 | ok 🆗 | sos 🆘 |
cool 🆒 | free 🆓 | red_circle 🔴 | orange_circle 🟠 | yellow_circle 🟡 | green_circle 🟢 | blue_circle 🔵 | purple_circle 🟣 | black_circle ⚫ | white_circle ⚪ | red_square 🟥 |
green_square 🟩 | blue_square 🟦 | checkered_flag 🏁 | triangular_flag 🚩 | white_flag 🏳️ | rainbow_flag 🏳️‍🌈 | pirate_flag 🏴‍☠️
`.split(/[|\n]/).map(line => line.trim().split(" ")).filter(([name, sign]) => name && sign);
